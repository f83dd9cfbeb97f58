import path from 'node:path';
import type { Backup } from '../../backup/catalogue';
import type { Verification } from '../../backup/manifest';
import type { Proof } from '../../backup/verify';
import type { Translate } from './translate';
import { colors, type Icon } from './treeNode';
import { rowsText, tablesText, verificationWord } from './words';

/** How far a backup is proven, by shape and colour, so that nobody needs to tell colours apart. */
export function proofIcon({ manifest, recognised, problem }: Backup): Icon {
  if (problem !== undefined || recognised?.kind === 'empty') return { id: 'warning', color: colors.warning };
  if (manifest === undefined) return { id: 'question', color: colors.quiet };
  const icons: Readonly<Record<Verification, Icon>> = {
    none: { id: 'circle-outline', color: colors.warning },
    hash: { id: 'check' },
    read: { id: 'pass', color: colors.good },
    restored: { id: 'verified-filled', color: colors.good },
  };
  return icons[manifest.verified];
}

/** The same in a word or two. */
export function proofWord(t: Translate, { manifest, problem }: Backup): string {
  if (problem === undefined) return verificationWord(t, manifest?.verified);
  return problem.code.startsWith('MANIFEST') ? t('manifest unusable') : t('cannot be read');
}

/** What a test restore has shown: `x.dump was restored into a scratch database: 19 tables, 41,202 rows, as backed up; dropped again.` */
export function provenText(t: Translate, { file, manifest }: Backup, { tables = 0, rows = 0 }: Proof, language: string): string {
  const content = `${tablesText(t, tables)}, ${rowsText(t, rows, language)}`;
  const name = path.basename(file);
  if (manifest === undefined)
    return t('{0} was restored into a scratch database: {1}; dropped again. Without a manifest there is nothing to compare them with.', name, content);
  return t('{0} was restored into a scratch database: {1}, as backed up; dropped again.', name, content);
}
