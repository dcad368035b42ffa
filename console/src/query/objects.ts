/** How a monitored object is named: its host, and the service where that does not name the host itself. */
export function objectOf(host: string, service: string): string {
  if (!host || !service || service.startsWith(host)) return service || host;
  return `${host} · ${service}`;
}
