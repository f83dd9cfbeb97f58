import type { ComposeService } from '../../../compose/composeModel';
import type { PlacedFinding } from '../documentFindings';
import type { ComposeText, TextEdit } from './edits';

/** A change of a Compose file that mends what was found. */
export interface ComposeFix {
  readonly kind: FixKind;
  readonly edits: readonly TextEdit[];
  /** Files beside it that are made, unless they are there. */
  readonly files: readonly NewFile[];
  /** Fields of services that it changes; nothing else may read otherwise afterwards. */
  readonly touches: readonly Touch[];
}

export type FixKind = 'healthcheck' | 'restart' | 'grace' | 'sharedMemory' | 'condition' | 'port' | 'namedVolume' | 'moveMount' | 'secret';

export interface Touch {
  readonly service: string;
  readonly field: keyof ComposeService;
}

/** What a fixer gives; undefined where the file is written in a way that it does not know. */
export type Fixer = (file: ComposeText, finding: PlacedFinding) => ComposeFix | undefined;

/** A file beside the Compose file. */
export interface NewFile {
  /** With forward slashes, relative to it. */
  readonly path: string;
  readonly content: string;
}
