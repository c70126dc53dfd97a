import { $, el, rove, setTabStop } from '../../pkg/dist/element/dom.js';
import { t } from '../../pkg/dist/element/i18n.js';
import { classesTaught } from '../teach/state.js';

/**
 * Whether the network answers with its own classes or with the user's.
 * @param {import('../state.js').Store} store
 * @param {import('../controls.js').Actions} actions
 */
export function mountAnswerWith(store, actions) {
  const root = $('#answerWith');
  const group = el('div', { class: 'seg', role: 'radiogroup' });
  const [own, mine] = [false, true].map((isMine) => el('button', { role: 'radio', on: { click: () => actions.answerWithMine(isMine) } }));
  group.append(own, mine);
  root.replaceChildren(group);
  rove(group, '[role=radio]', { choose: true });
  store.watch(
    ({ teach, mine: isMine, model, lang }) => [classesTaught(teach), isMine, model?.info.classes, lang],
    ({ teach, mine: isMine, model }) => {
      const n = classesTaught(teach);
      root.hidden = n === 0;
      group.ariaLabel = t('answerWith');
      own.textContent = model?.choice.kind === 'catalog' && model.info.labels?.length === 1000 ? t('imagenet') : t('itsOwn');
      mine.textContent = `${t('mine')} · ${n}`;
      own.ariaChecked = String(isMine !== true);
      mine.ariaChecked = String(isMine === true);
      setTabStop(group, '[role=radio]');
    },
  );
}
