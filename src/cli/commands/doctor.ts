import { existsSync } from 'node:fs';
import path from 'node:path';
import { isComposeFileName } from '../../compose/fileNames';
import { checkForCorruption, type CorruptionReport } from '../../persistence/corruption/checkForCorruption';
import { corruptionLines } from '../../persistence/corruption/reportText';
import { examineFiles, type FileReport } from '../../persistence/doctor/composeDoctor';
import type { Diagnosis } from '../../persistence/doctor/examine';
import { events } from '../../persistence/doctor/survival';
import { findService } from '../../inventory/target';
import { Failure } from '../../protocol/failure';
import { listOption, type CommandResult, type EitherCommand } from '../command';
import { columns } from '../terminal';

/** Whether data survives what people do: of Compose files without any engine, else of the services that are there. */
export const doctorCommand: EitherCommand = {
  name: 'doctor',
  summary: 'say whether the data of a service survives what people do, and why',
  argument: ['[what]', 'a Compose file, for which no engine is asked, or a service that is there; all services when left out'],
  options: [
    ['-f, --file <path>', 'a Compose file; several are laid over one another in this order', 'repeated'],
    [
      '--corruption',
      'read all data as well, by pg_amcheck where it is, and end with 1 where something is damaged, or the service that was named does not run; takes its time, and writes nothing',
    ],
  ],
  runPlain: async ({ argument, options }) => {
    const named = argument !== '' && (isComposeFileName(path.basename(argument)) || /\.ya?ml$/i.test(argument) || existsSync(argument)) ? [argument] : [];
    const files = [...named, ...listOption(options, 'file')];
    if (files.length === 0) return undefined;
    if (options['corruption'] === true)
      throw new Failure('USAGE', 'A Compose file holds no data to read.', 'Name a service that runs, or leave out --corruption.');
    return fileResult(await examineFiles(files, process.env));
  },
  run: async ({ app, argument, signal, options, terminal }) => {
    const { current } = app.inventory;
    const places =
      argument === '' ? current.projects.flatMap((project) => project.services.map((service) => ({ project, service }))) : [findService(current, argument)];
    const present = places.filter(({ service }) => service.container !== undefined);
    const unread = options['corruption'] === true ? places.filter(({ service }) => service.state !== 'running') : [];
    const { LiveDoctor } = await import('../../persistence/doctor/liveDoctor');
    const doctor = new LiveDoctor(app.inventory);
    const found: Examined[] = [];
    for (const { project, service } of present) {
      const diagnosis = await doctor.examine(service, signal);
      const isRead = options['corruption'] === true && service.state === 'running';
      const corruption = isRead ? await checkForCorruption(app.inventory.serverOf(service), terminal.operation(signal)) : undefined;
      found.push({ project: project.name, ...diagnosis, ...(corruption === undefined ? {} : { corruption }) });
    }
    return {
      value: {
        services: found.map(({ project, corruption, ...each }) => ({
          project,
          ...diagnosisListing(each),
          ...(corruption === undefined ? {} : { corruption }),
        })),
      },
      lines: [
        ...linesOf(found.map((each) => ({ ...each, service: `${each.project}/${each.service}` }))),
        ...found.flatMap(({ project, service, corruption }) => (corruption === undefined ? [] : ['', ...corruptionLines(`${project}/${service}`, corruption)])),
        ...unread.flatMap(({ project, service }) => ['', `${project.name}/${service.name}: its data was not read, for it does not run.`]),
      ],
      incomplete: found.some(({ corruption }) => corruption?.state === 'damaged') || (argument !== '' && unread.length > 0),
    };
  },
};

type Examined = Diagnosis & { readonly project: string; readonly corruption?: CorruptionReport };

function fileResult({ services, problems }: FileReport): CommandResult {
  const warnings = problems.map(({ message, range }) => `Line ${range.line + 1}: ${message}`);
  return { value: { services: services.map(diagnosisListing) }, lines: [...linesOf(services), ...warnings] };
}

/** The shape that scripts rely on. */
function diagnosisListing({ service, verdict, findings, survives, place }: Diagnosis): object {
  return {
    service,
    verdict,
    reasons: findings.map(({ message }) => message),
    survives,
    dataDirectory: place?.directory ?? null,
    place: place?.kind ?? null,
    findings: findings.map(({ code, severity, message, range }) => ({
      code,
      severity,
      message,
      ...(range === undefined ? {} : { file: range.file ?? null, line: range.line + 1 }),
    })),
  };
}

function linesOf(services: readonly Diagnosis[]): readonly string[] {
  if (services.length === 0) return ['No database service was found.'];
  const words = (survives: boolean | null): string => (survives === null ? 'unknown' : survives ? 'survives' : 'lost');
  return services.flatMap(({ service, verdict, findings, survives }, index) => [
    ...(index === 0 ? [] : ['']),
    `${service}: ${verdict}`,
    ...findings.map(({ severity, message }) => `  ${severity === 'danger' ? '!' : severity === 'unsure' ? '?' : '-'} ${message}`),
    ...columns(events.map((event) => [`  ${event}`, words(survives[event])])),
  ]);
}
