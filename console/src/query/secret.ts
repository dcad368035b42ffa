/** Secrets that webhooks are signed with, in the form of Standard Webhooks. */
const BYTES = 32;

/** Makes a new one. */
export function newSecret(): string {
  return `whsec_${btoa(String.fromCharCode(...crypto.getRandomValues(new Uint8Array(BYTES))))}`;
}
