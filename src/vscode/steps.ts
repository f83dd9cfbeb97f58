import { QuickInputButtons, ThemeIcon, window, type QuickPick, type QuickPickItem } from 'vscode';
import type { Option } from './present/backupOptions';

/** What a step gives: what is known after it, `back` for the step before, undefined when the user has given up. */
export type StepResult<S> = S | 'back' | undefined;
export type Step<S> = (state: S, place: StepPlace) => Promise<StepResult<S>>;

/** Where a step stands among the others. */
export interface StepPlace {
  readonly number: number;
  readonly of: number;
}

/** Asks one step after the other, with a way back. Which steps there are may depend on what is known already. */
export async function walk<S extends object>(steps: (state: S) => readonly Step<S>[], start: S): Promise<S | undefined> {
  const states: S[] = [start];
  for (;;) {
    const state = states.at(-1) ?? start;
    const all = steps(state);
    const step = all[states.length - 1];
    if (step === undefined) return state;
    const next = await step(state, { number: states.length, of: all.length });
    if (next === undefined) return undefined;
    if (next === 'back') states.pop();
    else states.push(next);
  }
}

interface Question<T> {
  readonly title: string;
  readonly placeholder: string;
  readonly place: StepPlace;
  /** What can be chosen; may take a while, and ends with the signal. */
  readonly options: (signal: AbortSignal) => Promise<readonly Option<T>[]>;
  /** Set where several can be chosen: what to say when none is. */
  readonly several?: string;
}

type Item<T> = QuickPickItem & { readonly value: T };

/** Lets the user choose one option, or several; with a button for the step before. */
export async function askStep<T>(question: Question<T>): Promise<readonly T[] | 'back' | undefined> {
  const picker = window.createQuickPick<Item<T>>();
  const stop = new AbortController();
  try {
    set(picker, question);
    const answer = answerOf(picker, question.several);
    picker.show();
    const loading = question.options(stop.signal).then((options) => show(picker, options));
    // What fails ends the step; what is done does not.
    return await Promise.race([answer, loading.then(() => answer)]);
  } finally {
    stop.abort();
    picker.dispose();
  }
}

function set<T>(picker: QuickPick<Item<T>>, { title, placeholder, place, several }: Question<T>): void {
  picker.title = title;
  picker.placeholder = placeholder;
  picker.step = place.number;
  picker.totalSteps = place.of;
  picker.canSelectMany = several !== undefined;
  picker.matchOnDescription = true;
  picker.matchOnDetail = true;
  picker.ignoreFocusOut = true;
  picker.busy = true;
  picker.buttons = place.number > 1 ? [QuickInputButtons.Back] : [];
}

function show<T>(picker: QuickPick<Item<T>>, options: readonly Option<T>[]): void {
  picker.items = options.map(({ icon, ...item }) => ({ ...item, ...(icon === undefined ? {} : { iconPath: new ThemeIcon(icon) }) }));
  picker.busy = false;
}

async function answerOf<T>(picker: QuickPick<Item<T>>, several: string | undefined): Promise<readonly T[] | 'back' | undefined> {
  return new Promise((resolve) => {
    picker.onDidTriggerButton(() => resolve('back'));
    picker.onDidHide(() => resolve(undefined));
    picker.onDidAccept(() => {
      const chosen = picker.selectedItems.map(({ value }) => value);
      if (chosen.length > 0) resolve(chosen);
      else if (several !== undefined) picker.placeholder = several;
    });
  });
}
