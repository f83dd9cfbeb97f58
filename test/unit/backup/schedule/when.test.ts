import assert from 'node:assert/strict';
import { describeCron, parseWhen } from '../../../../src/backup/schedule/when';
import { rejectsWith } from '../../operations/rejectsWith';

describe('parseWhen', () => {
  for (const [text, cron] of [
    ['every day at 03:00', '0 3 * * *'],
    ['Every  Day at 3:00 ', '0 3 * * *'],
    ['every day at 3 am', '0 3 * * *'],
    ['daily at 3:30pm', '30 15 * * *'],
    ['nightly at 12 am', '0 0 * * *'],
    ['every day at noon', '0 12 * * *'],
    ['every day at midnight', '0 0 * * *'],
    ['every day', '0 0 * * *'],
    ['every day at 3:00 and 15:00', '0 3,15 * * *'],
    ['every minute', '* * * * *'],
    ['every 15 minutes', '*/15 * * * *'],
    ['every hour', '0 * * * *'],
    ['every hour at :15', '15 * * * *'],
    ['every hour at minute 5', '5 * * * *'],
    ['every 6 hours', '0 */6 * * *'],
    ['every 24 hours', '0 0 * * *'],
    ['every 60 minutes', '0 * * * *'],
    ['every Monday at 4:30', '30 4 * * 1'],
    ['Mondays at 4:30', '30 4 * * 1'],
    ['weekly on Tue at 4:30', '30 4 * * 2'],
    ['every Monday, Wednesday and Friday at 22:15', '15 22 * * 1,3,5'],
    ['weekdays at 22:00', '0 22 * * 1-5'],
    ['every weekday at 22:00', '0 22 * * 1-5'],
    ['weekends at 7:00', '0 7 * * 0,6'],
    ['every month on the 1st at 02:00', '0 2 1 * *'],
    ['monthly on the 22nd at 2:00', '0 2 22 * *'],
    ['hourly', '0 * * * *'],
    ['daily', '0 0 * * *'],
    ['weekly', '0 0 * * 0'],
    ['monthly', '0 0 1 * *'],
    ['@yearly', '0 0 1 1 *'],
    ['0 3 * * 1-5', '0 3 * * 1-5'],
    ['*/10 * * * *', '*/10 * * * *'],
    ['0 3 * * MON', '0 3 * * 1'],
  ] as const) {
    it(`takes "${text}" for ${cron}`, () => assert.equal(parseWhen(text), cron));
  }

  for (const text of [
    '',
    ' ',
    'sometimes',
    'every day at 25:00',
    'every day at 3:60',
    'every day at 13 pm',
    'every day at 0 am',
    'every day at 3:00 and 15:30',
    'every 5 hours',
    'every 7 minutes',
    'every 0 hours',
    'every fortnight at 3:00',
    'every month on the 32nd at 3:00',
    'every month on a whim at 3:00',
    'every hour at :75',
    '0 3 * *',
    '* * * * * *',
  ]) {
    it(`refuses ${JSON.stringify(text)}`, () => rejectsWith('SCHEDULE_INVALID', () => parseWhen(text)));
  }
});

describe('describeCron', () => {
  for (const [cron, words] of [
    ['* * * * *', 'every minute'],
    ['*/15 * * * *', 'every 15 minutes'],
    ['0 * * * *', 'every hour'],
    ['15 * * * *', 'every hour at :15'],
    ['0 */6 * * *', 'every 6 hours'],
    ['0 3 * * *', 'every day at 03:00'],
    ['30 3,15 * * *', 'every day at 03:30 and 15:30'],
    ['0 22 * * 1-5', 'weekdays at 22:00'],
    ['0 7 * * 0,6', 'weekends at 07:00'],
    ['30 4 * * 1', 'every Monday at 04:30'],
    ['30 4 * * 1,3,5', 'every Monday, Wednesday and Friday at 04:30'],
    ['0 2 1 * *', 'every month on the 1st at 02:00'],
    ['0 2 11 * *', 'every month on the 11th at 02:00'],
    ['0 2 22 * *', 'every month on the 22nd at 02:00'],
    ['0 2 13 * *', 'every month on the 13th at 02:00'],
    ['0 2 23 * *', 'every month on the 23rd at 02:00'],
  ] as const) {
    it(`says ${cron} as "${words}", which is understood again`, () => {
      assert.equal(describeCron(cron), words);
      assert.equal(parseWhen(words), cron);
    });
  }

  for (const cron of ['0 */5 * * *', '*/7 * * * *', '0 3 1 * 1', '0 3 1,15 * *', '0 3 * 6 *', '5,10 3 * * *', '0 3 1 1 *', '15 */6 * * *', '*/5 3 * * *']) {
    it(`leaves ${cron} as it is`, () => {
      assert.equal(describeCron(cron), cron);
      assert.equal(parseWhen(cron), cron);
    });
  }
});
