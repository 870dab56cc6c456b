// Many batches at once, told as each settles. Their order on the lanes is not made here: each asks for its own turn.

export async function* pollMany(client, jobs, options) {
  const { onProgress, signal } = options ?? {};
  const running = new Set();
  const settled = [];
  let wake;
  let reading = true;
  let failure;
  const changed = (entry) => {
    if (entry) settled.push(entry);
    wake?.();
  };
  const begin = (job, index) => {
    try {
      const tell = onProgress && ((progress) => onProgress(progress, job, index));
      const watch = client.watch(job, { ...options, onProgress: tell });
      running.add(watch);
      const end = (entry) => {
        running.delete(watch);
        changed({ job, index, ...entry });
      };
      watch.result.then((results) => end({ results }), (error) => end({ error }));
    } catch (error) {
      changed({ job, index, error });
    }
  };
  const read = async () => {
    let index = 0;
    try {
      for await (const job of jobs) {
        if (!reading) return;
        begin(job, index++);
      }
    } catch (error) {
      failure = { error };
    }
    reading = false;
    changed();
  };

  const aborted = () => changed();
  try {
    signal?.addEventListener("abort", aborted);
    void read();
    for (;;) {
      const entry = settled.shift();
      // Of an abort the loop tells, once; what had settled before that is told first.
      if (signal?.aborted && (!entry || entry.error === signal.reason)) throw signal.reason;
      if (entry) yield entry;
      else if (reading || running.size > 0) await new Promise((resolve) => (wake = resolve));
      else break;
    }
    // The list itself failed: what it gave before that has been told.
    if (failure) throw failure.error;
  } finally {
    // The loop was left, or the signal aborted: nobody wants the rest.
    signal?.removeEventListener("abort", aborted);
    reading = false;
    for (const watch of running) watch.cancel();
  }
}
