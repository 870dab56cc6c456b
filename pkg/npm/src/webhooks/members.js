// Where the members of a JSON object stand in its text.

const [QUOTE, COMMA, COLON, BACKSLASH, BRACKET, END_BRACKET, BRACE, END_BRACE] = [..."\",:\\[]{}"].map((char) => char.charCodeAt(0));

/** Each member of the outermost object as its name and the text of its value, repeated ones too. `json` must be valid. */
export function membersOf(json) {
  const members = [];
  let depth = 0;
  let name;
  let from;
  for (let at = 0; at < json.length; at++) {
    switch (json.charCodeAt(at)) {
      case QUOTE: {
        const start = at;
        at = endOfString(json, at);
        // Escapes are another way to write the same name.
        if (depth === 1) name ??= JSON.parse(json.slice(start, at + 1));
        break;
      }
      case COLON:
        if (depth === 1) from = at + 1;
        break;
      case BRACKET:
      case BRACE:
        depth++;
        break;
      case END_BRACKET:
        depth--;
        break;
      case END_BRACE:
      case COMMA:
        if (depth === 1 && name !== undefined) {
          members.push([name, json.slice(from, at).trim()]);
          name = undefined;
        }
        if (json.charCodeAt(at) === END_BRACE) depth--;
    }
  }
  return members;
}

/** The place of the closing quote of the string that opens at `start`. */
function endOfString(json, start) {
  let at = start + 1;
  while (json.charCodeAt(at) !== QUOTE) at += json.charCodeAt(at) === BACKSLASH ? 2 : 1;
  return at;
}
