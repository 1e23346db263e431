/**
 * Points in time as SQL writes them. No `Date`: the calendar is counted out here.
 *
 * Days to year, month and day after Howard Hinnant's `civil_from_days`: eras of 400 years that begin in March.
 */

const DAY = 86_400_000;
const DAYS_OF_ERA = 146_097;
/** From 0000-03-01 to 1970-01-01. */
const EPOCH_DAYS = 719_468;

function two(value: number): string {
  return value < 10 ? `0${value}` : String(value);
}

/** `2023-11-15 06:13:20` for milliseconds since 1970 (of the time zone that is wanted). */
export function dateTimeText(milliseconds: number): string {
  const days = Math.floor(milliseconds / DAY);
  const shifted = days + EPOCH_DAYS;
  const era = Math.floor(shifted / DAYS_OF_ERA);
  const dayOfEra = shifted - era * DAYS_OF_ERA;
  const yearOfEra = Math.floor(
    (dayOfEra - Math.floor(dayOfEra / 1460) + Math.floor(dayOfEra / 36_524) - Math.floor(dayOfEra / 146_096)) / 365,
  );
  const dayOfYear = dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const marchMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * marchMonth + 2) / 5) + 1;
  const month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9;
  const year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0);
  const seconds = Math.floor((milliseconds - days * DAY) / 1000);
  const time = `${two(Math.floor(seconds / 3600))}:${two(Math.floor(seconds / 60) % 60)}:${two(seconds % 60)}`;
  return `${String(year).padStart(4, '0')}-${two(month)}-${two(day)} ${time}`;
}

/** Milliseconds that a time zone of the form `+08:00` is ahead; other names count as the system's +08:00. */
export function zoneOffset(zone: string): number {
  const match = /^([+-])(\d{1,2}):(\d{2})$/.exec(zone);
  if (match === null) return 8 * 3_600_000;
  const size = (Number(match[2]) * 60 + Number(match[3])) * 60_000;
  return match[1] === '-' ? -size : size;
}
