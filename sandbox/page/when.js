// The sandbox's clock, and times as a person reads them.

let ahead = 0; // milliseconds the sandbox's clock is ahead of this browser's

export function setNow(iso, shiftSeconds) {
  ahead = Date.parse(iso) - Date.now();
  return shiftSeconds;
}
export const now = () => Date.now() + ahead;

const locale = navigator.language || "en";
const clock = new Intl.DateTimeFormat(locale, { hour: "2-digit", minute: "2-digit" });
const dayClock = new Intl.DateTimeFormat("en-GB", {
  weekday: "short", day: "numeric", month: "short", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const day = new Intl.DateTimeFormat(locale, { weekday: "long", day: "numeric", month: "long" });

export const clockTime = (ms) => clock.format(ms);
export const fullTime = (ms) => dayClock.format(ms);
export const dayName = (ms) => day.format(ms);

export function span(seconds) {
  const s = Math.max(0, Math.round(seconds));
  if (s < 60) return `${s} s`;
  if (s < 3600) return `${Math.floor(s / 60)} min`;
  if (s < 86400) return `${Math.floor(s / 3600)} h`;
  return `${Math.floor(s / 86400)} d`;
}

export function ago(ms) {
  const seconds = (now() - ms) / 1000;
  return seconds < 3 ? "just now" : `${span(seconds)} ago`;
}

export function longSpan(seconds) {
  const s = Math.abs(Math.round(seconds));
  const days = Math.floor(s / 86400);
  const hours = Math.floor((s % 86400) / 3600);
  const minutes = Math.floor((s % 3600) / 60);
  const parts = [days && `${days} d`, hours && `${hours} h`, minutes && `${minutes} min`].filter(Boolean);
  return parts.slice(0, 2).join(" ") || `${s} s`;
}

// Draws a Telegram date_time entity: `r` is relative, else w weekday, d/D date, t/T time.
export function telegramTime(unix, format) {
  const ms = unix * 1000;
  if (format === "r") {
    const seconds = (ms - now()) / 1000;
    return seconds >= 0 ? `in ${longSpan(seconds)}` : `${longSpan(seconds)} ago`;
  }
  const options = {};
  if (format.includes("w")) options.weekday = "short";
  if (format.includes("D")) Object.assign(options, { day: "numeric", month: "long", year: "numeric" });
  else if (format.includes("d")) Object.assign(options, { day: "numeric", month: "short" });
  if (/t/i.test(format)) Object.assign(options, { hour: "2-digit", minute: "2-digit" });
  if (format.includes("T")) options.second = "2-digit";
  return new Intl.DateTimeFormat(locale, options).format(ms);
}

// Draws a Slack date token: {date_short_pretty} {time} and the like, in the reader's own zone.
export function slackTime(unix, format) {
  const ms = unix * 1000;
  const date = (options) => new Intl.DateTimeFormat("en-US", options).format(ms);
  const sameDay = (days) => new Date(ms).toDateString() === new Date(now() + days * 86400000).toDateString();
  const pretty = (words) => (sameDay(0) ? "today" : sameDay(1) ? "tomorrow" : sameDay(-1) ? "yesterday" : words);
  const short = () => date({ month: "short", day: "numeric", year: "numeric" });
  const long = () => date({ weekday: "long", month: "long", day: "numeric", year: "numeric" });
  const plain = () => date({ month: "long", day: "numeric", year: "numeric" });
  const parts = {
    date_num: () => new Date(ms).toLocaleDateString("sv-SE"),
    date_slash: () => new Date(ms).toLocaleDateString("en-GB"),
    date: plain,
    date_pretty: () => pretty(plain()),
    date_short: short,
    date_short_pretty: () => pretty(short()),
    date_long: long,
    date_long_pretty: () => pretty(long()),
    time: () => clock.format(ms),
    time_secs: () => new Intl.DateTimeFormat(locale, { timeStyle: "medium" }).format(ms),
    ago: () => telegramTime(unix, "r"),
  };
  return format.replace(/\{(\w+)\}/g, (whole, name) => (parts[name] ? parts[name]() : whole));
}

// Rewrites every <time> below `root` that says how it wants to be read.
export function tick(root = document) {
  for (const node of root.querySelectorAll("time.tg-time[data-unix]")) {
    const { unix, format } = node.dataset;
    if (format === "r" || !node.dataset.drawn) {
      // Without a format the words stay, only the tip tells the reader's own time.
      if (format) node.textContent = telegramTime(Number(unix), format);
      node.dataset.drawn = "1";
      node.title = new Date(unix * 1000).toLocaleString(locale, { dateStyle: "full", timeStyle: "long" });
    }
  }
  for (const node of root.querySelectorAll("time.slack-date[data-unix]")) {
    const { unix, format } = node.dataset;
    const words = slackTime(Number(unix), format);
    if (node.textContent !== words) node.textContent = words;
    node.title = new Date(unix * 1000).toLocaleString(locale, { dateStyle: "full", timeStyle: "long" });
  }
  for (const node of root.querySelectorAll("time[data-ago]")) {
    const words = ago(Number(node.dataset.ago));
    if (node.textContent !== words) node.textContent = words;
  }
}
