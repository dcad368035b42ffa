/** Numbers as they are read, with what they count. */

export function count(number: number): string {
  return number.toLocaleString("en");
}

export function events(number: number): string {
  return number === 1 ? "1 event" : `${count(number)} events`;
}

export function alerts(number: number): string {
  return number === 1 ? "1 alert" : `${count(number)} alerts`;
}
