// SPDX-License-Identifier: Apache-2.0

// What a node exports to Prometheus.

/** The value of a line `name{label="value",...} value` if it has this name and these labels. */
function valueOf(line: string, name: string, labels: [string, string][]): number | undefined {
  const match = /^([a-zA-Z_:][\w:]*)(?:\{(.*)\})? (\S+)/.exec(line);
  if (match === null || match[1] !== name) {
    return undefined;
  }
  const given = `,${match[2] ?? ''},`;
  return labels.every(([key, value]) => given.includes(`,${key}="${value}",`)) ? Number(match[3]) : undefined;
}

/**
 * The sum of a metric over all series that have these labels, in the text that a node exports.
 * Nothing if there is none: a counter that never counted is not exported, so absence is not zero.
 */
export function metricOf(
  text: string,
  name: string,
  labels: Record<string, string> = {}
): number | undefined {
  const wanted = Object.entries(labels);
  const values = text
    .split('\n')
    .map((line) => valueOf(line, name, wanted))
    .filter((value) => value !== undefined);
  return values.length === 0 ? undefined : values.reduce((sum, value) => sum + value, 0);
}
