/** Files that a page gives to whoever looks at it. */

/** Gives a file under a name. */
export function download(name: string, parts: BlobPart[], type: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(parts, { type }));
  link.download = name;
  link.click();
  // The browser has to have taken it.
  setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}
