// Requests with the browser's cookies, and what is said when one fails.

/** Sends a request. An answer that is no success is thrown, as a `Problem`. */
export async function ask(url: string, options: RequestInit = {}): Promise<Response> {
  const answer = await fetch(url, { ...options, credentials: "include" }).catch((error: unknown) => {
    // A page that leaves gives its requests up: nothing is wrong then.
    throw options.signal?.aborted ? error : new Problem(0);
  });
  if (answer.ok) {
    return answer;
  }
  const details = await answer.json().catch(() => ({}));
  throw new Problem(answer.status, details, Number(answer.headers.get("Retry-After")));
}

/** A request that changes something, with the proof that this page knows the session's token. */
export function change(method: "DELETE" | "POST", csrfToken: string | undefined, body?: object): RequestInit {
  const headers = new Headers();
  if (csrfToken !== undefined) {
    headers.set("X-CSRF-Token", csrfToken);
  }
  if (body !== undefined) {
    headers.set("Content-Type", "application/json");
  }
  return { method, headers, body: JSON.stringify(body) };
}

/** What server and API say of a failure (RFC 9457). */
interface Details {
  code?: string;
  detail?: string;
  request_id?: string;
  errors?: { member: string; detail: string }[];
  companies?: { id: string; name: string }[];
}

export class Problem extends Error {
  readonly code: string;
  readonly details: Details;
  /** Whether the session that this page knows is not the browser's any more: it has ended, or is somebody else's. */
  readonly isOfAnotherSession: boolean;

  /** `status` is 0 where there was no answer, or none that this page may read. */
  constructor(status: number, details: Details = {}, retryAfter = 0) {
    super(words(status, details, retryAfter));
    this.code = details.code ?? "";
    this.details = details;
    this.isOfAnotherSession = status === 401 || details.code === "csrf_failed";
  }
}

/** What people read. */
function words(status: number, { code, detail, request_id, errors }: Details, retryAfter: number): string {
  const wait = retryAfter > 0 ? `in ${retryAfter} seconds` : "in a moment";
  switch (code) {
    case "invalid_credentials":
      return "Username, password or code is wrong.";
    case "timesheet_exists":
      return "That week has a timesheet already.";
    case "invalid_timesheet":
      return errors?.map((error) => `${error.member} ${error.detail}`).join("; ") ?? "That is no timesheet.";
  }
  switch (status) {
    case 0:
      return navigator.onLine
        ? "There is no answer. Either the server is not running, or it does not list this page's origin."
        : "This computer is offline. Try again when it is connected.";
    case 401:
      return "You are not signed in any more.";
    case 403:
      return "You may not do that here.";
    case 429:
      return `Too many attempts have failed. Try again ${wait}.`;
    case 503:
      return `This is not available now. Try again ${wait}.`;
  }
  return `${detail ?? `The answer was ${status}.`} (Request ${request_id ?? "without an id"})`;
}
