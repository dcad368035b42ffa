/** The one way to Tocsin's API: typed by its own description, with failures as one kind of error. */
import createClient from "openapi-fetch";
import type { components, paths } from "../../types/openapi";
import { texts } from "../texts";
import { mayPass } from "./trouble";

type Schemas = components["schemas"];
export type DowntimeItem = Schemas["DowntimeItem"];
export type DeliveryItem = Schemas["DeliveryItem"];
export type DeliveryWithAttempts = Schemas["DeliveryWithAttempts"];
export type ListedDelivery = Schemas["ListedDelivery"];
export type EntryItem = Schemas["EntryItem"];
export type EventItem = Schemas["EventItem"];
export type EventDetail = Schemas["EventDetail"];
export type AlertItem = Schemas["AlertItem"];
export type AlertWithTimeline = Schemas["AlertWithTimeline"];
export type AlertDurations = Schemas["DurationsShown"];
export type CountPage = Schemas["CountPage"];
export type Facet = Schemas["Facet"];
export type Histogram = Schemas["Histogram"];
export type RoleItem = Schemas["RoleItem"];
export type RouteItem = Schemas["RouteItem"];
export type RouteTestResult = Schemas["RouteTestResult"];
export type SessionItem = Schemas["SessionItem"];
export type SilenceItem = Schemas["SilenceItem"];
export type ObjectItem = Schemas["ObjectItem"];
export type Permission = Schemas["Permission"];
export type RejectedShown = Schemas["RejectedShown"];
export type RejectedWithRequest = Schemas["RejectedWithRequest"];
export type SilencePreviewResult = Schemas["SilencePreviewResult"];
export type SourceItem = Schemas["SourceItem"];
export type TargetItem = Schemas["TargetItem"];
export type TargetStanding = Schemas["TargetStanding"];
export type SourceWithKey = Schemas["SourceWithKey"];
export type TokenItem = Schemas["TokenItem"];
export type TrialResult = Schemas["TrialResult"];
export type UserItem = Schemas["UserItem"];
export type ViewItem = Schemas["ViewItem"];
export type ListedView = Schemas["ListedView"];
export type NewView = Schemas["NewView"];
export type ViewChange = Schemas["ViewChange"];
export type Why = Schemas["Why"];
type Problem = Schemas["Problem"];

/** A request that failed: the problem that Tocsin answered, or status 0 where it could not be reached. */
export class Failure extends Error {
  readonly status: number;
  readonly code: string;
  /** Of the first wrong character of an expression, from 0. */
  readonly position: number;
  /** How many characters are wrong; 0 where the failure is not about an expression. */
  readonly length: number;

  constructor(status: number, problem: Partial<Problem>) {
    super(problem.detail || texts.failure.unknown);
    this.status = status;
    this.code = problem.code ?? "";
    this.position = problem.position ?? 0;
    this.length = problem.length ?? 0;
  }

  /** Whether the same may succeed later: nothing was wrong with what was asked. */
  get mayPass(): boolean {
    return mayPass(this.status);
  }
}

export const api = createClient<paths>({ baseUrl: "/" });

let onLoggedOut = () => {};

/** Names what is to happen when a request finds that nobody is logged in any more. */
export function whenLoggedOut(act: () => void): void {
  onLoggedOut = act;
}

/** Says that a request found nobody logged in. */
export function sessionEnded(): void {
  onLoggedOut();
}

/** Gives the body of an answer, or throws its failure. A request that was given up throws an AbortError. */
export async function body<T>(
  request: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<T> {
  const { data, error, response } = await request.catch((fault: unknown) => {
    if (fault instanceof DOMException && fault.name === "AbortError") throw fault;
    throw new Failure(0, { detail: texts.failure.unreachable });
  });
  if (response.ok) return data as T;
  if (response.status === 401) sessionEnded();
  throw new Failure(response.status, typeof error === "object" && error ? (error as Partial<Problem>) : {});
}

/** A configured thing as somebody looked at it. */
export interface Seen<T> {
  item: T;
  /** Says, when it is changed, what was looked at: what somebody else changed meanwhile is not lost. */
  tag: string;
}

/** Gives the body of an answer, and its tag. */
export async function seen<T>(
  request: Promise<{ data?: T; error?: unknown; response: Response }>,
): Promise<Seen<T>> {
  const item = await body(request);
  const { response } = await request;
  // A proxy that compresses makes a tag a weak one, and those change nothing.
  return { item, tag: response.headers.get("ETag")?.replace(/^W\//, "") ?? "" };
}

/** Says whether a request failed because somebody else has changed the thing meanwhile. */
export function isOvertaken(failure: Failure): boolean {
  return failure.status === 412;
}

/** Says whether something thrown is only a request that was given up. */
export function isGivenUp(fault: unknown): boolean {
  return fault instanceof DOMException && fault.name === "AbortError";
}

/** Gives something thrown as a failure. */
export function asFailure(fault: unknown): Failure {
  return fault instanceof Failure ? fault : new Failure(0, {});
}

/** Gives the words for something thrown. */
export function messageOf(fault: unknown): string {
  return asFailure(fault).message;
}
