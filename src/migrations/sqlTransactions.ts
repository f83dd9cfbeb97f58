import { splitStatements } from '../postgres/sqlScript';

const outside = /^(?:(?:CREATE|DROP|REINDEX)\b.*\bCONCURRENTLY\b|VACUUM\b|ALTER SYSTEM\b|(?:CREATE|DROP) (?:DATABASE|TABLESPACE|SUBSCRIPTION)\b)/;

/** Whether a script has a statement that cannot run in a transaction. */
export function needsNone(text: string): boolean {
  return words(text).some((statement) => outside.test(statement));
}

/** Whether a script begins or ends transactions of its own. */
export function hasOwn(text: string): boolean {
  return words(text).some((statement) => /^(?:BEGIN|START TRANSACTION|COMMIT|END|ROLLBACK)\b/.test(statement));
}

/** The statements without comments before them, in capitals. */
function words(text: string): readonly string[] {
  return (splitStatements(text) ?? []).map((statement) =>
    statement
      .replaceAll(/--[^\n]*\n?|\/\*[^]*?\*\//g, ' ')
      .trim()
      .replaceAll(/\s+/g, ' ')
      .toUpperCase(),
  );
}
