import '../pkg/dist/element/index.js';
import { dropChanges, readAddress, viewInAddress, writeAddress } from './address.js';
import { OWN, alternativesOf } from './alternatives.js';
import { Camera, cameraWasOn } from './camera.js';
import { firstChoice } from './catalog.js';
import { connectControls } from './controls.js';
import { Dreaming } from './dream/dreaming.js';
import { followPictures, formerPictures } from './own-pictures.js';
import { FIRST_SAMPLE, sampleShown, samplesFor } from './samples.js';
import { Teaching } from './teach/teaching.js';
import { followSteps } from './tour.js';
import { mountAnswerWith } from './view/answer-with.js';
import { mountCamera } from './view/camera.js';
import { mountChrome } from './view/chrome.js';
import { mountDevice } from './view/device.js';
import { mountDream } from './view/dream/panel.js';
import { mountKeys } from './view/keys.js';
import { mountNotes } from './view/notes.js';
import { mountPicker } from './view/picker.js';
import { mountShare } from './view/share.js';
import { mountSources } from './view/sources.js';
import { mountTeach } from './view/teach/panel.js';
import { mountTour } from './view/tour.js';
import { mountWorkspaces } from './view/workspaces.js';

/**
 * Draws the page around the inspector, keeps its address true, and shows the first picture.
 * @param {import('./state.js').Store} store
 * @param {import('./models.js').Models} models
 * @param {import('../pkg/dist/element/index.js').InceptionInspector} inspector
 * @param {ReturnType<typeof import('./address.js').readAddress>} address as it was when the page was opened
 */
export async function mountPage(store, models, inspector, address) {
  const wasFilming = cameraWasOn();
  const camera = new Camera(store, inspector);
  const actions = connectControls(store, models, inspector, camera);
  const before = await formerPictures();
  const compared = address.view.compare || address.view.otherPicture ? null : before.compared;
  store.set({ compared });
  models.begin();
  inspector.view = { ...address.view, otherPicture: compared ? OWN : (address.view.otherPicture ?? null) };
  mountChrome(store, actions, inspector);
  mountPicker(store, actions);
  mountDevice(store, actions);
  mountSources(store, actions);
  mountCamera(store, actions);
  mountNotes(store, actions);
  mountTour(store, actions, inspector);
  mountShare(store, inspector);
  mountKeys(store, actions);
  const teaching = new Teaching(store, inspector, camera);
  mountWorkspaces(store, actions);
  mountAnswerWith(store, actions);
  mountTeach(store, teaching);
  mountDream(store, new Dreaming(store, inspector));

  store.watch(
    ({ catalog, kept, samples, compared, model, lang }) => [catalog, kept, samples, compared, model?.info, lang],
    ({ catalog, kept, samples, compared, model }) => {
      inspector.alternatives = alternativesOf(catalog.entries, kept, samples, samplesFor(model?.info ?? null), compared);
    },
  );
  const tellAddress = () => {
    const { model, sample, catalog, workspace, mine } = store.state;
    if (model === null) return;
    const first = firstChoice(catalog.entries, null);
    writeAddress({
      view: workspace === 'inspect' ? null : workspace,
      mine: mine ? '1' : null,
      model: model.choice.kind !== 'catalog' || (first?.kind === 'catalog' && first.id === model.choice.id) ? null : model.choice.id,
      photo: sample === null || sample === FIRST_SAMPLE ? null : sample.id,
      ...viewInAddress(inspector.view, firstLayerOf(inspector)),
    });
  };
  store.watch(({ model, sample, workspace, mine }) => [model, sample, workspace, mine], tellAddress);
  inspector.addEventListener('inception-view', tellAddress);
  inspector.addEventListener('inception-picture', () => {
    const { name = null, source = null } = inspector.picture ?? {};
    store.set({ picture: name, sample: sampleShown(source), lostFiles: [] });
  });
  inspector.addEventListener('inception-compare', () => {
    const { picture = null, model = null } = inspector.compared ?? {};
    if (picture ?? model) store.set({ lostFiles: store.state.lostFiles.filter(({ place }) => place !== 'compared') });
  });
  followPictures(inspector);
  inspector.addEventListener('inception-model', (event) => {
    event.preventDefault();
    actions.loadFiles(event.detail.files);
  });
  inspector.addEventListener('inception-run', () => {
    if (store.state.moved?.to === 'webgpu') store.set({ moved: null });
    models.followReason();
  });
  addEventListener('hashchange', () => takeAddress(models, inspector, actions));
  if (before.shown && address.sample === null) await actions.showPicture(before.shown, before.shown.name);
  else await actions.showFirst(address.sample ?? FIRST_SAMPLE);
  const isOther = address.view.compare !== null || address.view.otherPicture !== null;
  store.set({ lostFiles: before.lost.filter(({ place }) => (place === 'shown' ? address.sample === null : !isOther)) });
  if (wasFilming) camera.sayReloaded();
  followSteps(inspector, actions);
}

/**
 * Shows what a link says that was put into the open page's address.
 * @param {import('./models.js').Models} models
 * @param {import('../pkg/dist/element/index.js').InceptionInspector} inspector
 * @param {import('./controls.js').Actions} actions
 */
async function takeAddress(models, inspector, actions) {
  dropChanges();
  const { model, sample: asked, workspace, mine, view, ...look } = readAddress();
  const sample = asked ?? FIRST_SAMPLE;
  actions.takeLook(look);
  actions.setWorkspace(workspace);
  if (mine) actions.answerWithMine(true);
  await Promise.all([models.follow(model), sampleShown(inspector.picture?.source) === sample || actions.showFirst(sample)]);
  inspector.view = { ...view, layer: view.layer ?? firstLayerOf(inspector) };
}

/** @param {import('../pkg/dist/element/index.js').InceptionInspector} inspector */
function firstLayerOf({ net }) {
  return net?.layers.find((layer) => layer.module !== null)?.module ?? null;
}
