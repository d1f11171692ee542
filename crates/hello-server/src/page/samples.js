// The responses of the last minutes, and their figures.
const KEPT_MS = 5 * 60_000;
const SHARE_MS = 60_000;
// A pod is quiet after eight times its mean interval: random gaps are seldom longer.
const QUIET_INTERVALS = 8;
const UNSEEN = 10;
const [MIN_QUIET_MS, MAX_QUIET_MS] = [5000, 60_000];

class Samples {
  constructor() {
    this.all = [];
    // What has answered, by pod: its version, its number there, and when it answered last.
    this.pods = new Map();
  }

  add(sample) {
    sample.ended = sample.at + sample.ms;
    this.all.push(sample);
    if (!sample.error) {
      colorOf(sample.version, sample.color);
      const number = this.#number(sample);
      this.pods.set(sample.pod, { version: sample.version, number, last: sample.ended });
    }
  }

  // A pod keeps its number: the first that was free in its version.
  #number({ pod, version }) {
    const known = this.pods.get(pod);
    if (known && known.version === version) return known.number;
    const same = [...this.pods.values()].filter((it) => it.version === version);
    const taken = new Set(same.map((it) => it.number));
    let number = 0;
    while (taken.has(number)) number += 1;
    return number;
  }

  // Forgets what is older than the charts.
  trim(now) {
    const from = now - KEPT_MS;
    const first = this.all.findIndex((it) => it.ended >= from);
    this.all.splice(0, first < 0 ? this.all.length : first);
    for (const [pod, { last }] of this.pods) if (last < from) this.pods.delete(pod);
  }

  // The figures of the last minute. The rate of the calls, and the silence of a pod,
  // count from when they got their present pace.
  figures(now, slowFrom, pace) {
    const recent = this.all.filter((it) => it.ended > now - SHARE_MS);
    const good = recent.filter((it) => !it.error);
    const times = sorted(good);
    const from = Math.max(pace.since, now - SHARE_MS);
    const paced = recent.filter((it) => it.ended > from).length;
    const rate = now - from > 1000 ? (1000 * paced) / (now - from) : undefined;
    return {
      total: recent.length,
      good: good.length,
      slow: times.filter((it) => it >= slowFrom).length,
      rate,
      p50: quantile(times, 0.5),
      p95: quantile(times, 0.95),
      pods: this.#byPod(good, now, pace.since, rate ?? pace.rate),
      versions: counted(good, (it) => it.version),
      reasons: counted(recent.filter((it) => it.error), (it) => it.error.reason),
    };
  }

  // A row for each pod, also for one that has stopped to answer.
  #byPod(good, now, since, rate) {
    const rows = [...this.pods].map(([pod, { version, number, last }]) => {
      const times = sorted(good.filter((it) => it.pod === pod));
      const [p50, p95] = [quantile(times, 0.5), quantile(times, 0.95)];
      // Its share until it became silent; a pod that has just appeared can be a rare one.
      const until = this.all.filter((it) => it.ended <= last);
      const share = until.filter((it) => it.pod === pod).length / (until.length + UNSEEN);
      const silence = now - Math.max(last, since);
      const isQuiet = silence >= quietFrom(rate * share);
      return { pod, version, number, last, silence, isQuiet, count: times.length, p50, p95 };
    });
    // In a restart, the new pods of a version follow the old ones.
    const key = (row) => `${row.version ?? ""} ${row.number}`;
    return rows.sort((a, b) => key(a).localeCompare(key(b), "en", { numeric: true }));
  }
}

// The silence after which a pod with this rate is quiet.
function quietFrom(rate) {
  return Math.min(MAX_QUIET_MS, Math.max(MIN_QUIET_MS, (1000 * QUIET_INTERVALS) / rate));
}

const sorted = (samples) => samples.map((it) => it.ms).sort((a, b) => a - b);

// The nearest rank.
function quantile(times, share) {
  return times[Math.max(0, Math.ceil(share * times.length) - 1)];
}

function counted(samples, keyOf) {
  const counts = new Map();
  for (const sample of samples) counts.set(keyOf(sample), (counts.get(keyOf(sample)) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => b - a);
}
