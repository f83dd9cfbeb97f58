import type { DatabaseTarget } from '../../inventory/target';
import type { OverviewSection } from '../../protocol/overview';
import type { CommandContext } from '../commands/command';

/** What a part of the product has to say of a database in its overview; undefined for nothing. Its links are ids of commands. */
type OverviewSource = (context: CommandContext, target: DatabaseTarget) => Promise<OverviewSection | undefined>;

/** Sections beyond what the server itself tells, in the order in which they are shown. */
export const overviewSources: readonly OverviewSource[] = [];
