import { describe, expect, it, vi } from "vitest";
import { body, Failure, isGivenUp, isOvertaken, messageOf, seen, whenLoggedOut } from "./client";

function answer(status: number, document: object) {
  const response = new Response(JSON.stringify(document), { status });
  return Promise.resolve(response.ok ? { data: document, response } : { error: document, response });
}

describe("body", () => {
  it("gives what was answered", async () => {
    expect(await body(answer(200, { total: 3 }))).toEqual({ total: 3 });
  });

  it("throws the problem, and where in the expression it is", async () => {
    const problem = { detail: "expected a term", code: "invalid_query", position: 4, length: 2 };
    const fault = await body(answer(400, problem)).catch((thrown: unknown) => thrown);
    expect(fault).toBeInstanceOf(Failure);
    expect(fault).toMatchObject({ status: 400, code: "invalid_query", position: 4, length: 2 });
    expect(messageOf(fault)).toBe("expected a term");
  });

  it("tells when nobody is logged in any more", async () => {
    const loggedOut = vi.fn();
    whenLoggedOut(loggedOut);
    await expect(body(answer(403, {}))).rejects.toThrow();
    expect(loggedOut).not.toHaveBeenCalled();
    await expect(body(answer(401, {}))).rejects.toThrow();
    expect(loggedOut).toHaveBeenCalledOnce();
  });

  it("says so when Tocsin cannot be reached, and keeps apart what was given up", async () => {
    await expect(body(Promise.reject(new TypeError("fetch")))).rejects.toMatchObject({ status: 0 });
    const givenUp = await body(Promise.reject(new DOMException("", "AbortError"))).catch((thrown) => thrown);
    expect(isGivenUp(givenUp)).toBe(true);
  });
});

describe("seen", () => {
  it("gives the tag by which a thing is changed, a strong one whatever a proxy made of it", async () => {
    for (const tag of ['"abc"', 'W/"abc"']) {
      const response = new Response("{}", { headers: { ETag: tag } });
      expect(await seen(Promise.resolve({ data: { id: 1 }, response }))).toEqual({
        item: { id: 1 },
        tag: '"abc"',
      });
    }
  });

  it("tells that somebody else came first", async () => {
    const fault = await seen(answer(412, { detail: "look again" })).catch((thrown: unknown) => thrown);
    expect(isOvertaken(fault as Failure)).toBe(true);
  });
});
