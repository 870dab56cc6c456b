// Whose slot of a lane the next one is, decided by the Redis server in one step and by its clock. The rules are those of
// ../origin/reservation.js: who asked first goes first, and nobody who has gone is waited for longer than a gap.
//
// A lane of which the server knows nothing is closed for one gap: it may have lost what it knew, by a restart without
// persistence, an eviction or a flush. One that has started since the record was written, or taken over from another, may have
// lost the last of it. `INFO` says so; where it is not permitted, a record counts as it stands.
//
// KEYS[1]: the lane. ARGV: the member; the gap, or how long to hold the lane; the longest that a request lasts; how long a lane is
// remembered; to hold the lane and not to ask for it, the margin beyond that. All times in whole milliseconds. Returns how long to
// wait, 0 for now.
export const SCRIPT = `
local clock = redis.call('TIME')
local now = clock[1] * 1000 + math.floor(clock[2] / 1000)
local member, ms = ARGV[1], math.ceil(tonumber(ARGV[2]))
local holds, margin_ms = ARGV[5] ~= nil, math.ceil(tonumber(ARGV[5] or ms * 0.75))
local longest = now + tonumber(ARGV[3]) + ms

local info = redis.pcall('INFO', 'server')
local server = type(info) == 'string' and string.match(info, 'run_id:(%w+)') or ''

local is_json, record = pcall(cjson.decode, redis.pcall('GET', KEYS[1]))
if not is_json or type(record) ~= 'table' then record = {} end
local back, closed = 0, nil
if type(record.at) == 'number' and type(record.closed) == 'number' then
  back = math.max(0, record.at - now)
  closed = math.min(record.closed - back, longest)
end
if not closed or record.server ~= server then
  closed = math.max(closed or 0, now + ms)
end

-- The member of the latest request takes its margin back when that is answered. So nobody is told to come later for it.
local margin = type(record.margin) == 'table' and record.margin or {}
if type(margin[1]) ~= 'string' or type(margin[2]) ~= 'number' or (holds and margin[1] == member) then margin = nil end
local opens = closed
if margin and margin[1] ~= member and closed <= now then opens = closed + math.min(margin[2], math.max(ms, 10000)) end

local line, place, turn = {}, nil, opens
local latest = math.max(opens, now) + ms
for _, other in ipairs(type(record.waiting) == 'table' and record.waiting or {}) do
  if type(other) == 'table' and type(other[1]) == 'string' and type(other[2]) == 'number' then
    local asks = other[2] - back
    if holds then
      line[#line + 1] = { other[1], asks }
    elseif math.min(asks, latest) + 2 * ms > now then
      asks = math.min(asks, latest)
      line[#line + 1] = { other[1], asks }
      if other[1] == member then
        place = #line
      elseif not place and asks + ms / 4 > now then
        turn = math.max(turn, asks + ms / 4)
      end
    end
  end
end
turn = math.ceil(math.min(turn, math.max(opens, closed + ms), longest))

local wait = 0
if holds then
  closed = math.max(closed, now + 1 + ms)
  if margin_ms > 0 then margin = { member, margin_ms } end
elseif turn <= now then
  closed, margin = now + 1 + ms, { member, margin_ms }
  if place then table.remove(line, place) end
else
  wait = turn - now
  if place or #line < 1000 then line[place or #line + 1] = { member, turn } end
end

local lasts = math.ceil(math.max(0, closed - now) + tonumber(ARGV[4]))
redis.call('SET', KEYS[1], cjson.encode({ at = now, closed = closed, server = server, waiting = line, margin = margin }), 'PX', lasts)
return wait
`;
