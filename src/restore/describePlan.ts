import type { MergeConflict, OnConflict } from './facts';
import type { RestorePlan } from './plan';

const conflictWords: Readonly<Record<OnConflict, string>> = {
  replace: 'whose rows become those of the backup',
  append: 'whose rows all stay',
  skip: 'whose rows all stay and win where keys are the same',
};

const mergeWords: Readonly<Record<MergeConflict, string>> = {
  skip: 'but for those whose key is taken',
  update: 'those whose key is taken in place of what is there',
  renumber: 'those whose key is taken under new keys, which what refers to them follows',
};

/** A plan in words, one line a step, then what is worth knowing; the same in the confirmation and in `--dry-run`. */
export function describePlan(plan: RestorePlan): readonly string[] {
  return [...plan.steps.map((step) => describeStep(step)), ...plan.remarks];
}

function describeStep(step: RestorePlan['steps'][number]): string {
  switch (step.kind) {
    case 'dump':
      return `Dump ${step.from} into a temporary file, and read it whole`;
    case 'check file':
      return `Check ${step.file} against its checksum`;
    case 'safety backup':
      return `Back up "${step.database}" as it is now`;
    case 'load':
      return step.part === 'schema'
        ? 'Load the definitions of the backup, without rows, into a new database beside it'
        : step.part === 'rows'
          ? 'Load the tables into a new database beside it'
          : `Load the backup into a new database beside it (${step.jobs} at a time)`;
    case 'compare rows':
      return `Compare the rows of ${Object.keys(step.rows).length} tables with the backup`;
    case 'stop':
      return `Stop ${step.services.join(', ')}`;
    case 'swap':
      return step.undo === undefined ? `Name the new database "${step.database}"` : `Exchange it with "${step.database}", which is kept for a day as undo`;
    case 'start':
      return `Start ${step.services.join(', ')}`;
    case 'merge':
      if (step.merging !== undefined) return `Add the rows to ${step.tables.join(', ')} of "${step.database}", ${mergeWords[step.merging]}, in one transaction`;
      return `Put the rows into ${step.tables.join(', ')} of "${step.database}", ${conflictWords[step.onConflict]}, in one transaction`;
  }
}
