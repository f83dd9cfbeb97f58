import type { DatabaseTarget } from '../../inventory/target';
import type { OverviewSection } from '../../protocol/overview';
import type { CommandContext } from '../commands/command';
import { healthSection } from '../present/healthSection';
import { migrationsSection } from '../present/migrationsSection';
import { persistenceSection } from '../present/persistenceSection';
import { healthSettings } from '../settings';
import { translate as t } from '../translate';

/** What a part of the product has to say of a database in its overview; undefined for nothing. Its links are ids of commands. */
type OverviewSource = (context: CommandContext, target: DatabaseTarget) => Promise<OverviewSection | undefined>;

/** Sections beyond what the server itself tells, in the order in which they are shown. */
export const overviewSources: readonly OverviewSource[] = [health, migrations, persistence];

/** Asked now, so that the overview is right where no status bar has it asked. */
async function health(context: CommandContext, { project, service, database }: DatabaseTarget): Promise<OverviewSection> {
  const { healths } = await context.app();
  return healthSection(t, await healths.of(project, service, healthSettings(), new AbortController().signal), database.name);
}

async function migrations({ migrations: { shelf } }: CommandContext, { service, database }: DatabaseTarget): Promise<OverviewSection | undefined> {
  if (shelf.current === undefined) await shelf.refresh();
  const found = shelf.current?.databases.find(({ target }) => target.service.id === service.id && target.database.name === database.name);
  return migrationsSection(t, found?.migrations ?? []);
}

/** Whether the data survive, by what is seen of the container now. */
async function persistence(context: CommandContext, { service }: DatabaseTarget): Promise<OverviewSection> {
  const [{ inventory }, { LiveDoctor }] = await Promise.all([context.app(), import('../../persistence/doctor/liveDoctor')]);
  return persistenceSection(t, await new LiveDoctor(inventory).examine(service, new AbortController().signal));
}
