// What went wrong: read out, and where the keyboard is then.
import { useEffect, useRef } from "react";

export function Alert({ problem }: { problem: Error | undefined }) {
  const element = useRef<HTMLParagraphElement>(null);
  // Each is another object, also where it says the same as the last.
  useEffect(() => element.current?.focus(), [problem]);
  return problem && <p className="alert" role="alert" tabIndex={-1} ref={element}>{problem.message}</p>;
}
