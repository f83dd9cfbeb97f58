import type { Linted } from './linter';

/** What is shown of files while somebody types: the newest result, or while a file cannot be read the last that was good. */
export class LastGood {
  private readonly good = new Map<string, Linted>();

  /** What to show now, and whether it is of an earlier text. */
  show(file: string, linted: Linted): { readonly linted: Linted; readonly isEarlier: boolean } {
    if (linted.migration.broken === undefined) {
      this.good.set(file, linted);
      return { linted, isEarlier: false };
    }
    const earlier = this.good.get(file);
    return earlier === undefined ? { linted, isEarlier: false } : { linted: earlier, isEarlier: true };
  }

  forget(file: string): void {
    this.good.delete(file);
  }
}
