import type { MigrationConsent, MigrationOutcome } from '../../../app/migration/run.ts';
import { flag, type Result, type VerbPorts, value, verb } from '../../define.ts';

type MigrationWords = typeof import('../../ui/migration-report.ts');

export const migrate = verb({
  usage: 'migrate',
  summary: 'move every environment to a cluster of the other driver',
  about:
    'Stops all environments, dumps their databases, starts the other cluster, restores and compares them there, and brings every worktree up again. Temporal workflows, snapshots and logs stay behind. Shows what it found and asks first; without a terminal it needs --yes. The old cluster is stopped and kept unless you say otherwise. A failure or Ctrl+C leaves one of the two in use and nothing lost: the same command continues, and --to with the old driver goes back. Needs root, as the embedded cluster does.',
  examples: [
    ['sudo wt cluster migrate --to k3d --dry-run', 'what would move, and what would not'],
    ['sudo wt cluster migrate --to k3d', 'move'],
    ['sudo wt cluster reset --driver embedded', 'afterwards: delete the old cluster'],
  ],
  options: {
    to: value('driver', 'k3d or embedded'),
    yes: flag('do not ask; the old cluster is kept'),
    removeOld: flag('delete the old cluster at the end, without asking'),
    dryRun: flag('only show what would be done'),
  },
  run: async (_, { to, dryRun, ...answers }, ports) => {
    const [{ runMigration }, { confirm }, words] = await Promise.all([
      import('../../../app/migration/run.ts'),
      import('../../../app/consent/confirm.ts'),
      import('../../ui/migration-report.ts'),
    ]);
    const consent = consentOf(answers, { confirm, words }, ports);
    return report(await runMigration({ to, dryRun }, consent, ports), words, ports);
  },
});

interface Asking {
  readonly confirm: typeof import('../../../app/consent/confirm.ts').confirm;
  readonly words: MigrationWords;
}

function consentOf(
  { yes, removeOld }: { readonly yes: boolean; readonly removeOld: boolean },
  { confirm, words }: Asking,
  ports: VerbPorts,
): MigrationConsent {
  return {
    move: (plan) => {
      const text = words.planText(plan);
      if (yes) ports.screen.note(text);
      const hint = `wt cluster migrate --to ${plan.to} --yes`;
      return confirm({ question: `${text}\nMove them?`, yes, refusal: 'nothing was moved', hint }, ports);
    },
    resume: (interrupted) => ports.screen.note(`${words.resumeText(interrupted)}. Continuing.`),
    goBack: (journal) => {
      const question = `${words.backText(journal)}. Go back?`;
      const hint = `wt cluster migrate --to ${journal.from} --yes`;
      return confirm({ question, yes, refusal: 'nothing was changed', hint }, ports);
    },
    deleteOld: async (from) => removeOld || (!yes && (await ports.ask(words.deletionQuestion(from)))),
  };
}

function report(outcome: MigrationOutcome, words: MigrationWords, { phases }: VerbPorts): Result {
  switch (outcome.kind) {
    case 'nothing to move':
      return words.nothingToMove(outcome.to);
    case 'would move':
      return words.wouldMove(outcome.plan);
    case 'would resume':
      return words.wouldResume(outcome.interrupted);
    case 'would go back':
      return words.wouldGoBack(outcome.journal);
    case 'went back':
      return words.wentBack(outcome.journal, phases);
    case 'moved':
      return words.moved(outcome.migration, phases);
  }
}
