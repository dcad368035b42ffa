import { expect, test } from "vitest";
import { newSecret } from "./secret";

test("a secret is one that Standard Webhooks knows, and never the same", () => {
  const [one, other] = [newSecret(), newSecret()];
  expect(one).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/);
  expect(one).not.toBe(other);
});
