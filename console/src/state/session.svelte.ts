/** Who is logged in. */
import { api, body, Failure, type SessionItem, whenLoggedOut } from "../api/client";

class Session {
  /** undefined while it is not known yet, null for nobody. */
  who: SessionItem | null | undefined = $state();
  /** Whether somebody was logged in and is no more. */
  ended = $state(false);

  constructor() {
    whenLoggedOut(() => {
      this.ended ||= Boolean(this.who);
      this.who = null;
    });
  }

  /** Asks who is logged in. */
  async load(): Promise<void> {
    try {
      this.who = await body(api.GET("/api/v1/session"));
    } catch (fault) {
      if (!(fault instanceof Failure) || fault.status !== 401) throw fault;
    }
  }

  /** Logs in, or throws the failure. */
  async logIn(name: string, password: string): Promise<void> {
    const { data, error, response } = await api.POST("/api/v1/session", { body: { name, password } });
    if (!data) throw new Failure(response.status, error as object);
    this.ended = false;
    await this.load();
  }

  /** Changes one's own password, or throws the failure. All sessions end with the old one; another begins. */
  async changePassword(password: string, wanted: string): Promise<void> {
    const name = this.who?.user.name ?? "";
    const asked = { password, new_password: wanted };
    // A wrong password is answered with 401 too, and ends no session.
    const { error, response } = await api.POST("/api/v1/session/password", { body: asked });
    if (!response.ok) throw new Failure(response.status, error as object);
    await this.logIn(name, wanted);
  }

  /** Logs out, at the identity provider too where that is wanted; or throws the failure. */
  async logOut(): Promise<void> {
    const byProvider = this.who?.kind === "provider_session";
    await body(api.DELETE("/api/v1/session"));
    const ways = byProvider ? await body(api.GET("/api/v1/session/ways")).catch(() => null) : null;
    if (ways?.provider?.log_out_url) location.assign(ways.provider.log_out_url);
    this.ended = false;
    this.who = null;
  }

  /** Whether they see what belongs to the whole domain: its targets and routes. */
  get oversees(): boolean {
    return this.may("oversee");
  }

  /** Says whether they may do something: `act`, `silence`, `configure` ... */
  may(action: SessionItem["may"][number]): boolean {
    return this.who?.may.includes(action) ?? false;
  }
}

export const session = new Session();
