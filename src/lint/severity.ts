/** How bad a warning is, in the words of the risk guide; from harmless to grave. */
export const severities = ['info', 'low', 'medium', 'high', 'very high'] as const;
export type Severity = (typeof severities)[number];

/** Where the migrations are meant to run: what locks or rewrites a large table does no harm on a developer's own. */
export const profiles = ['production', 'development'] as const;
export type Profile = (typeof profiles)[number];

/** What the user chose for single rules; `off` silences one. */
export type Overrides = Readonly<Record<string, Severity | 'off'>>;

/** Whether `a` is as bad as `b`, or worse. */
export function isAtLeast(a: Severity, b: Severity): boolean {
  return severities.indexOf(a) >= severities.indexOf(b);
}

export function worse(a: Severity, b: Severity): Severity {
  return isAtLeast(a, b) ? a : b;
}

/** A severity as a user writes it: `very-high`, or a word of the editor. Undefined when it is none. */
export function severityOf(word: string): Severity | undefined {
  const plain = word.trim().toLowerCase().replaceAll('-', ' ');
  const synonyms: Readonly<Record<string, Severity>> = { information: 'low', warning: 'medium', error: 'high', veryhigh: 'very high' };
  return severities.find((each) => each === plain) ?? synonyms[plain];
}

/** Reads what the settings say; what is no severity is left out. */
export function overridesOf(setting: unknown): Overrides {
  if (typeof setting !== 'object' || setting === null) return {};
  return Object.fromEntries(
    Object.entries(setting).flatMap(([rule, word]: [string, unknown]) => {
      const severity = word === 'off' ? 'off' : typeof word === 'string' ? severityOf(word) : undefined;
      return severity === undefined ? [] : [[rule, severity]];
    }),
  );
}
