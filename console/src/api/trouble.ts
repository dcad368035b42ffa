/** Trouble of a server that may pass: nothing was wrong with what was asked. */

/** Says whether the same may succeed later, by the status of HTTP; 0 where a server could not be reached. */
export function mayPass(status: number): boolean {
  return status === 0 || status === 429 || status >= 500;
}
