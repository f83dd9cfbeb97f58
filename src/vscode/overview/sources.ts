import type { DatabaseTarget } from '../../inventory/target';
import type { OverviewSection } from '../../protocol/overview';
import type { CommandContext } from '../commands/command';
import { persistenceSection } from '../present/persistenceSection';
import { translate as t } from '../translate';

/** What a part of the product has to say of a database in its overview; undefined for nothing. Its links are ids of commands. */
type OverviewSource = (context: CommandContext, target: DatabaseTarget) => Promise<OverviewSection | undefined>;

/** Sections beyond what the server itself tells, in the order in which they are shown. */
export const overviewSources: readonly OverviewSource[] = [persistence];

/** Whether the data survive, by what is seen of the container now. */
async function persistence(context: CommandContext, { service }: DatabaseTarget): Promise<OverviewSection> {
  const [{ inventory }, { LiveDoctor }] = await Promise.all([context.app(), import('../../persistence/doctor/liveDoctor')]);
  return persistenceSection(t, await new LiveDoctor(inventory).examine(service, new AbortController().signal));
}
