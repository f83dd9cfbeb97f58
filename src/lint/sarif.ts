import path from 'node:path';
import { pathToFileURL } from 'node:url';
import type { LocatedFinding } from './run';
import { allRules } from './rules/all';
import type { Severity } from './severity';

/** How grave the editor and SARIF say it is. */
export const levels = { info: 'note', low: 'note', medium: 'warning', high: 'error', 'very high': 'error' } as const satisfies Readonly<
  Record<Severity, string>
>;

/** Findings as a SARIF 2.1.0 document, which code hosts show beside the lines. Paths are relative to `root`. */
export function sarifDocument(findings: readonly LocatedFinding[], root: string): unknown {
  return {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: {
          driver: {
            name: 'container-databases',
            rules: allRules.map(({ id, title, why, remedy, source, severity }) => ({
              id,
              shortDescription: { text: title },
              fullDescription: { text: why },
              help: { text: remedy },
              helpUri: source,
              defaultConfiguration: { level: levels[severity] },
            })),
          },
        },
        originalUriBaseIds: { ROOT: { uri: `${pathToFileURL(root).href}/` } },
        columnKind: 'utf16CodeUnits',
        results: findings.map(({ file, rule, severity, message, line, column, endLine, endColumn }) => ({
          ruleId: rule,
          ruleIndex: allRules.findIndex(({ id }) => id === rule),
          level: levels[severity],
          message: { text: message },
          locations: [
            {
              physicalLocation: {
                artifactLocation: artifactOf(file),
                region: { startLine: line, startColumn: column, endLine, endColumn },
              },
            },
          ],
        })),
      },
    ],
  };
}

/** Files outside of the root have no name that is relative to it. */
function artifactOf(file: string): unknown {
  if (path.isAbsolute(file)) return { uri: pathToFileURL(file).href };
  return { uri: file.split('/').map(encodeURIComponent).join('/'), uriBaseId: 'ROOT' };
}
