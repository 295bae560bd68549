// The API. It takes the cookie, and asks the server what that opens.
import { ask, change } from "./ask";
import type { Session } from "./session";

declare const API_URL: string;

export interface NewTimesheet {
  employee: string;
  /** An ISO week, like 2026-W47. */
  week: string;
  hours: number;
}

export interface Timesheet extends NewTimesheet {
  id: string;
  approved_at: string | null;
}

/** The newest week first. */
export async function list(signal?: AbortSignal): Promise<Timesheet[]> {
  const sheets: Timesheet[] = await (await ask(`${API_URL}/timesheets`, { signal })).json();
  return sheets.sort((a, b) => b.week.localeCompare(a.week) || a.employee.localeCompare(b.employee));
}

export async function create(sheet: NewTimesheet, session: Session): Promise<void> {
  const company = encodeURIComponent(session.company?.id ?? "");
  await ask(`${API_URL}/companies/${company}/timesheets`, change("POST", session.csrf_token, sheet));
}
