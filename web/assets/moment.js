// Times as people say them. `ts` is Unix seconds, as the server gives them.

const clock = new Intl.DateTimeFormat(undefined, {hour: 'numeric', minute: '2-digit'});
const weekday = new Intl.DateTimeFormat('en', {weekday: 'long'});
const dayAndMonth = new Intl.DateTimeFormat('en', {weekday: 'long', day: 'numeric', month: 'long'});
const fullDay = new Intl.DateTimeFormat('en', {day: 'numeric', month: 'long', year: 'numeric'});
const dayMs = 24 * 3600 * 1000;

function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

export function timeOf(ts) {
  return clock.format(new Date(ts * 1000));
}

export function isoOf(ts) {
  return new Date(ts * 1000).toISOString();
}

export function sameDay(a, b) {
  return midnight(new Date(a * 1000)) === midnight(new Date(b * 1000));
}

// "Today", "Yesterday", "Monday", "Monday, 3 March", "3 March 2025".
export function dayOf(ts, now = new Date()) {
  const date = new Date(ts * 1000);
  const days = Math.round((midnight(now) - midnight(date)) / dayMs);
  if (days === 0) return 'Today';
  if (days === 1) return 'Yesterday';
  if (days > 1 && days < 7) return weekday.format(date);
  return date.getFullYear() === now.getFullYear() ? dayAndMonth.format(date)
                                                  : fullDay.format(date);
}

// "1 second", "42 seconds", "2 minutes".
export function wordsFor(seconds) {
  if (seconds < 100) return seconds === 1 ? '1 second' : `${seconds} seconds`;
  return `${Math.ceil(seconds / 60)} minutes`;
}
