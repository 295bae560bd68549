// Every page, and how a person comes to it: journeys check them all, and `cargo xtask screenshots` takes their pictures.
export const PAGES = [
  { name: "docs", show: (visit, page) => visit.go(page, "/docs") },
  { name: "mailbox", show: (visit, page) => visit.go(page, "/dev/mailbox") },
];
