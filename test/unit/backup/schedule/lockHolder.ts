import { takeLock } from '../../../../src/backup/schedule/owner';

/** A process of its own that takes a lock, says whether it got it, and keeps it until it is killed or its input ends. */
void (async () => {
  const [, , file = '', beat = '', stale = ''] = process.argv;
  const lock = await takeLock(file, { beat: Number(beat), stale: Number(stale) });
  process.stdout.write(lock === undefined ? 'refused\n' : 'held\n');
  process.stdin.resume().once('end', () => {
    lock?.release();
    process.exit(0);
  });
})();
