//! The page of metrics, from the registries of server and guard.

use tokenry_server::metrics::METRICS;

use super::{code, head, table};

pub(super) fn page() -> String {
    let mut page = head(
        "Metrics",
        "For Prometheus. Labels have few values: nothing in them is chosen by a stranger. A histogram also has `_bucket` (with \
         the label `le`), `_sum` and `_count`.",
    );
    page.push_str(
        "\n## Of the server\n\nAt `/metrics` on the listener that `metrics_listen` names, and on no other.\n",
    );
    let rows = METRICS.iter().map(|it| row(it.name, it.kind, it.labels, it.meaning));
    page.push_str(&table(["metric", "kind", "labels", "meaning"], rows));
    page.push_str(
        "\n## Of a guard\n\nIn the process of each API, through the `metrics` facade, to whatever exporter the program has.\n",
    );
    let rows =
        tokenry_guard::__METRICS.iter().map(|(name, kind, labels, meaning)| row(name, kind, labels, meaning));
    page.push_str(&table(["metric", "kind", "labels", "meaning"], rows));
    page
}

fn row(name: &str, kind: &str, labels: &[&str], meaning: &str) -> [String; 4] {
    let labels = labels.iter().map(code).collect::<Vec<_>>().join(", ");
    [code(name), kind.to_owned(), labels, meaning.to_owned()]
}
