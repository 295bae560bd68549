// The form for one more timesheet.
import { useState, type FormEvent } from "react";
import { Alert } from "./Alert";
import { Problem } from "./ask";
import type { Session } from "./session";
import { create } from "./timesheets";

interface Props {
  session: Session;
  onCreated: () => void;
  onLost: () => void;
}

export function NewTimesheet({ session, onCreated, onLost }: Props) {
  const [problem, setProblem] = useState<Error>();
  const [saved, setSaved] = useState("");
  const [busy, setBusy] = useState(false);

  async function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = event.currentTarget;
    const data = new FormData(form);
    const [employee, week] = [String(data.get("employee")), String(data.get("week"))];
    setBusy(true);
    setProblem(undefined);
    setSaved("");
    try {
      await create({ employee, week, hours: Number(data.get("hours")) }, session);
      setSaved(`Saved: ${employee}, ${week}.`);
      form.reset();
      onCreated();
    } catch (error) {
      if (error instanceof Problem && error.isOfAnotherSession) {
        onLost();
      } else {
        setProblem(error as Error);
      }
    } finally {
      setBusy(false);
    }
  }

  return (
    <>
      <h2>Enter a week</h2>
      <Alert problem={problem} />
      <form className="fields" onSubmit={submit}>
        <label htmlFor="employee">Employee</label>
        <input id="employee" name="employee" maxLength={200} autoComplete="off" required />
        <label htmlFor="week">Week</label>
        <input id="week" name="week" placeholder="2026-W47" autoComplete="off" aria-describedby="of-weeks" required />
        <p id="of-weeks" className="hint">An ISO week: the year, -W and two digits.</p>
        <label htmlFor="hours">Hours</label>
        <input id="hours" name="hours" type="number" min="0" max="168" step="any" autoComplete="off" required />
        <button type="submit" disabled={busy}>Save</button>
      </form>
      <p role="status">{saved}</p>
    </>
  );
}
