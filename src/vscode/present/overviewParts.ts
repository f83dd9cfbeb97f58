import type { DatabaseOverview } from '../../health/overview';
import type { OverviewFact, OverviewLink, OverviewSection } from '../../protocol/overview';
import type { CommandId } from '../contributions';
import type { Translate } from './translate';
import { joinParts } from './words';

/** Rows of a table in the overview at most; each leads to where all are. */
export const mostRows = 8;

/** Who may log in, and what they may do. */
export function rolesSection(t: Translate, { roles }: DatabaseOverview): OverviewSection {
  const may = ({ superuser, createsDatabases, createsRoles, replication }: DatabaseOverview['roles'][number]): string =>
    superuser
      ? t('superuser')
      : joinParts(
          createsDatabases ? t('creates databases') : undefined,
          createsRoles ? t('creates roles') : undefined,
          replication ? t('replication') : undefined,
        );
  const rows = roles.slice(0, mostRows).map((role) => [role.name, role.login ? t('yes') : t('no'), may(role)]);
  return section('roles', t('Roles'), {
    table: { columns: [{ title: t('Role') }, { title: t('Login') }, { title: t('May') }], rows, ...more(t, roles.length) },
  });
}

/** The extensions of the database, with newer versions that the image has. */
export function extensionsSection(t: Translate, { extensions }: DatabaseOverview): OverviewSection | undefined {
  if (extensions.length === 0) return undefined;
  const rows = extensions.map(({ name, version, available, schema }) => [
    name,
    available === null || available === version ? version : t('{0}; {1} is there', version, available),
    schema,
  ]);
  return section('extensions', t('Extensions'), { table: { columns: [{ title: t('Extension') }, { title: t('Version') }, { title: t('Schema') }], rows } });
}

/** Settings that differ from the default. */
export function settingsSection(t: Translate, { settings }: DatabaseOverview): OverviewSection | undefined {
  if (settings.length === 0) return undefined;
  const rows = settings.map(({ name, value, default: usual, pendingRestart }) => [
    name,
    pendingRestart ? t('{0}; waits for a restart', value) : value,
    usual ?? '',
  ]);
  return section('settings', t('Settings of its own'), {
    table: { columns: [{ title: t('Setting') }, { title: t('Value') }, { title: t('By default') }], rows },
  });
}

/** A section of which only what there is to say is given. */
export function section(id: string, title: string, parts: Partial<Omit<OverviewSection, 'id' | 'title'>>): OverviewSection {
  return { id, title, links: [], ...parts };
}

/** Facts in lines; those without a value are left out. */
export function facts(all: readonly (readonly [name: string, value: string | undefined])[]): readonly OverviewFact[] {
  return all.flatMap(([name, value]) => (value === undefined || value === '' ? [] : [{ name, value }]));
}

/** A way to a command. */
export function link(id: CommandId, label: string): OverviewLink {
  return { id, label };
}

/** What a shortened table leaves out. */
export function more(t: Translate, count: number): { readonly more?: string } {
  return count > mostRows ? { more: t('and {0} more', count - mostRows) } : {};
}
