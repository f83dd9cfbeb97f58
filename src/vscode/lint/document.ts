import { Diagnostic, DiagnosticSeverity, Range, Uri, type TextDocument } from 'vscode';
import { judged, type Wishes } from '../../lint/judge';
import type { Span } from '../../lint/model';
import type { Finding } from '../../lint/rule';
import type { Severity } from '../../lint/severity';
import { rulePageScheme } from '../contributions';
import { answersTo, raisedBy, warningText, type KnownFacts } from '../../lint/live/told';

const severityInEditor: Readonly<Record<Severity, DiagnosticSeverity>> = {
  info: DiagnosticSeverity.Hint,
  low: DiagnosticSeverity.Information,
  medium: DiagnosticSeverity.Warning,
  high: DiagnosticSeverity.Error,
  'very high': DiagnosticSeverity.Error,
};

/** A warning as it stands in a document. */
export interface ShownFinding {
  readonly finding: Finding;
  readonly severity: Severity;
  readonly diagnostic: Diagnostic;
}

export function rangeOf(document: TextDocument, { from, to }: Span): Range {
  return new Range(document.positionAt(from), document.positionAt(to));
}

/** The page about a rule. */
export function rulePageUri(rule: string): Uri {
  return Uri.from({ scheme: rulePageScheme, path: `/${rule}.md` });
}

/** Findings as the editor shows them: with the facts, and as grave as user and facts make them. */
export function shownFindings(document: TextDocument, findings: readonly Finding[], facts: KnownFacts | undefined, wishes: Wishes): readonly ShownFinding[] {
  return findings.flatMap((finding) => {
    const answers = answersTo(finding, facts);
    const raised = raisedBy(answers);
    if (finding.onlyWithFacts === true && raised === undefined) return [];
    const severity = judged(finding, wishes, raised);
    if (severity === 'off' || finding.rule === 'file-unreadable') return []; // the language's own support tells of that
    const diagnostic = new Diagnostic(rangeOf(document, finding.span), warningText(finding, answers, facts), severityInEditor[severity]);
    diagnostic.source = 'Container Databases';
    diagnostic.code = { value: finding.rule, target: rulePageUri(finding.rule) };
    return [{ finding, severity, diagnostic }];
  });
}
