//! Many pictures through a network: decoding, resizing and running overlap on all cores, and the answers come in order of
//! input. A fixed number of pictures is on its way at a time, however many there are.

use crate::pictures::{Paths, decoded};
use crate::{Backend, Choice, Failure, Source, files, progress};
use inception::image::Input;
use inception::info::SessionInfo;
use inception::plan::Request;
use inception::{Error, LoadOptions, Session};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, Sender, SyncSender, channel, sync_channel};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// The most sessions on the CPU: each has weights of its own.
const MOST_SESSIONS: usize = 8;
/// Pictures that run at once on a GPU.
const BATCH: usize = 16;
/// Where a session's thread has ended.
const GONE: &str = "the thread of a session has ended";
/// How long a batch waits for a picture more.
const LINGER: Duration = Duration::from_millis(3);

/// A network that many pictures can run through.
///
/// On the CPU that is a session with one thread for each core, which keeps cores busier than one session on all of them,
/// at the price of the weights once a session. Over [`MOST_SESSIONS`] cores, sessions get several threads. On a GPU it is
/// one session that takes batches.
pub struct Runs {
    info: SessionInfo,
    place: String,
    /// Takes what the first session does: a session stays on the thread that it was loaded on.
    first: Sender<Job>,
    /// Loads a session with so many threads, with a bar or without.
    load: Arc<dyn Fn(usize, bool) -> Result<Session, String> + Send + Sync>,
    /// Threads of each session, the first among them.
    threads: Vec<usize>,
    cores: usize,
    batch: usize,
}

/// Keeps what heads read.
pub fn keep_features(session: &mut Session) -> Result<(), Error> {
    let keep = session.layers(&[&session.info().backbone.layer])?;
    session.configure(Request { keep, ..session.request().clone() })
}

type Job = Box<dyn FnOnce(&mut Session) + Send>;

/// What came of one picture.
pub struct Answered<T> {
    /// Its place in the input.
    pub index: usize,
    /// The picture.
    pub path: PathBuf,
    /// The answer, or why it could not be read.
    pub answer: Result<T, String>,
}

/// How many pictures there were.
#[derive(Clone, Copy, Default)]
pub struct Tally {
    /// All of them.
    pub pictures: usize,
    /// Those that could not be read.
    pub failed: usize,
}

impl Tally {
    /// Fails where a picture could not be read, and says how many.
    pub fn end(&self) -> Result<(), Failure> {
        match self.failed {
            0 => Ok(()),
            failed => Err(format!("{failed} of {} pictures could not be read", self.pictures).into()),
        }
    }
}

/// Why a picture has no answer.
pub enum Fault {
    /// The picture has none; the others go on.
    Picture(String),
    /// The network cannot run.
    Run(Error),
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Run(error)
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Picture(what) => f.write_str(what),
            Self::Run(error) => error.fmt(f),
        }
    }
}

/// An answer's values, where all of them are numbers.
pub fn finite(values: Vec<f32>) -> Result<Vec<f32>, Fault> {
    match values.iter().find(|value| !value.is_finite()) {
        None => Ok(values),
        Some(value) => Err(Fault::Picture(format!(
            "the answer is {value}, which is not a finite number: the weights are too large for this picture"
        ))),
    }
}

enum Message<T> {
    Answered(Answered<T>),
    /// Nothing more can be answered.
    Ended(String),
}

/// A picture that is ready to run.
type Ready = (usize, PathBuf, Input);

/// A lock that a panic of another thread does not keep.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Threads for each session on so many cores.
fn share(cores: usize) -> Vec<usize> {
    let sessions = cores.clamp(1, MOST_SESSIONS);
    (0..sessions).map(|i| (cores.max(1) + sessions - 1 - i) / sessions).collect()
}

impl Runs {
    /// Loads the model behind `--model`.
    pub fn open(model: Option<&str>, source: &Source, backend: &Backend) -> Result<Self, Failure> {
        Self::prepared(model, source, backend, |_| Ok(()))
    }

    /// The same with what heads read kept in every run.
    pub fn for_heads(model: Option<&str>, source: &Source, backend: &Backend) -> Result<Self, Failure> {
        Self::prepared(model, source, backend, keep_features)
    }

    fn prepared(
        model: Option<&str>,
        source: &Source,
        backend: &Backend,
        prepare: fn(&mut Session) -> Result<(), Error>,
    ) -> Result<Self, Failure> {
        let available = || std::thread::available_parallelism().map_or(1, NonZero::get);
        let cores = backend.threads.map_or_else(available, usize::from);
        let (threads, batch) = match backend.device {
            Choice::Cpu => (share(cores), 1),
            Choice::Gpu => (vec![cores], BATCH),
        };
        let (model, source, backend) = (model.map(str::to_owned), source.clone(), *backend);
        let load = move |threads, shown| {
            let options = backend.open().map(|options| LoadOptions { threads, ..options });
            let load = if shown { files::load } else { files::load_quietly };
            let loaded = options.and_then(|options| load(model.as_deref(), &source, options));
            let mut session = loaded.map_err(|e| e.to_string())?;
            prepare(&mut session).map_err(|e| e.to_string())?;
            Ok(session)
        };
        let load = Arc::new(load);

        let (first, jobs) = channel::<Job>();
        let (loaded, is_loaded) = channel();
        let (count, sessions, load_first) = (threads[0], threads.len(), load.clone());
        std::thread::spawn(move || match load_first(count, true) {
            Err(error) => _ = loaded.send(Err(error)),
            Ok(mut session) => {
                let place = match session.adapter() {
                    Some(name) => format!("the GPU, {name}"),
                    None => format!("the CPU, {cores} thread(s), {sessions} session(s)"),
                };
                let _ = loaded.send(Ok((session.info().clone(), place)));
                jobs.into_iter().for_each(|job| job(&mut session));
            }
        });
        let (info, place) = is_loaded.recv().map_err(|_| GONE)??;
        Ok(Self { info, place, first, load, threads, cores, batch })
    }

    /// What is loaded.
    pub fn info(&self) -> &SessionInfo {
        &self.info
    }

    /// Says on stderr what runs where, and what was assumed.
    pub fn tell(&self) {
        eprintln!("{} on {}", self.info.title, self.place);
        for assumption in &self.info.assumptions {
            eprintln!("note: {assumption}");
        }
    }

    /// Asks the first session for something.
    pub fn ask<T: Send + 'static>(
        &self,
        question: impl FnOnce(&mut Session) -> T + Send + 'static,
    ) -> Result<T, Failure> {
        let (reply, answer) = channel();
        self.first.send(Box::new(move |session| _ = reply.send(question(session)))).map_err(|_| GONE)?;
        Ok(answer.recv().map_err(|_| GONE)?)
    }

    /// Runs every picture, takes the `answer` of the session for an image of its run, and gives it to `each`, in order of
    /// input and on this thread. A picture that cannot be read is an answer, too, and a line on stderr. With `bar`, a bar
    /// on stderr says how far it is.
    ///
    /// # Errors
    /// A list that cannot be read, a network that cannot run, and what `each` says.
    pub fn run<T: Send + 'static>(
        self,
        paths: Paths,
        bar: bool,
        answer: impl Fn(&Session, usize) -> Result<T, Fault> + Send + Sync + 'static,
        mut each: impl FnMut(Answered<T>) -> Result<(), Failure>,
    ) -> Result<Tally, Failure> {
        let (answers, answered) = channel();
        let on_its_way = 2 * (self.cores + self.batch * self.threads.len());
        // A picture takes a place before it is begun and leaves it when it is answered.
        let (places, leave) = sync_channel(on_its_way);
        let (ready, take) = sync_channel::<Ready>(self.batch.max(self.threads.len()));
        let bar = progress::pictures(paths.count, bar);
        let pictures = paths.count.unwrap_or(usize::MAX);

        let preprocess = self.info.preprocess.clone();
        let list = Arc::new(Mutex::new((places, paths.paths.enumerate())));
        for _ in 0..self.cores {
            let (list, ready, answers, preprocess) = (list.clone(), ready.clone(), answers.clone(), preprocess.clone());
            std::thread::spawn(move || {
                let input = |path: &Path| {
                    let picture = decoded(path)?;
                    preprocess.input(&picture).map(|(input, _)| input).map_err(|e| e.to_string())
                };
                decode(&list, &ready, &answers, input)
            });
        }
        drop((list, ready));

        let (take, answer) = (Arc::new(Mutex::new(take)), Arc::new(answer));
        let job = |take: Arc<_>, answer: Arc<_>, answers: Sender<_>| {
            let batch = self.batch;
            move |session: &mut Session| {
                let done = work(session, batch, &take, &answers, &*answer);
                done.unwrap_or_else(|error| _ = answers.send(Message::Ended(error)));
            }
        };
        self.first.send(Box::new(job(take.clone(), answer.clone(), answers.clone()))).map_err(|_| GONE)?;
        // A short list needs no more sessions than it has pictures.
        for &threads in self.threads.iter().take(pictures.max(1)).skip(1) {
            let (job, load, answers) =
                (job(take.clone(), answer.clone(), answers.clone()), self.load.clone(), answers.clone());
            std::thread::spawn(move || match load(threads, false) {
                Ok(mut session) => job(&mut session),
                Err(error) => _ = answers.send(Message::Ended(error)),
            });
        }
        drop((answers, take));

        let mut tally = Tally::default();
        let mut early = std::collections::BTreeMap::new();
        for message in answered {
            match message {
                Message::Answered(answer) => _ = early.insert(answer.index, answer),
                Message::Ended(error) => return Err(error.into()),
            }
            while let Some(answer) = early.remove(&tally.pictures) {
                tally.pictures += 1;
                if let Err(error) = &answer.answer {
                    tally.failed += 1;
                    bar.suspend(|| eprintln!("inception: {}: {error}", answer.path.display()));
                }
                each(answer)?;
                bar.inc(1);
                let _ = leave.recv();
            }
        }
        bar.finish_and_clear();
        match early.is_empty() {
            true => Ok(tally),
            false => Err("a picture ended the thread that read it".into()),
        }
    }
}

/// Reads one picture after another until the list ends or nobody waits for more.
fn decode<T>(
    list: &Mutex<(SyncSender<()>, impl Iterator<Item = (usize, std::io::Result<PathBuf>)>)>,
    ready: &SyncSender<Ready>,
    answers: &Sender<Message<T>>,
    input: impl Fn(&Path) -> Result<Input, String>,
) {
    let next = || {
        let mut list = lock(list);
        list.0.send(()).ok()?;
        list.1.next()
    };
    while let Some((index, path)) = next() {
        let sent = match path.map(|path| (input(&path), path)) {
            Ok((Ok(input), path)) => ready.send((index, path, input)).is_ok(),
            Ok((Err(error), path)) => {
                answers.send(Message::Answered(Answered { index, path, answer: Err(error) })).is_ok()
            }
            Err(error) => {
                let _ = answers.send(Message::Ended(format!("standard input: {error}")));
                false
            }
        };
        if !sent {
            return;
        }
    }
}

/// Runs what is ready, in batches of what there is, until no more comes.
fn work<T>(
    session: &mut Session,
    batch: usize,
    take: &Mutex<Receiver<Ready>>,
    answers: &Sender<Message<T>>,
    answer: &(impl Fn(&Session, usize) -> Result<T, Fault> + ?Sized),
) -> Result<(), String> {
    loop {
        let (mut images, mut input) = (Vec::new(), Input::default());
        {
            let take = lock(take);
            let mut next = take.recv().ok();
            while let Some((index, path, picture)) = next {
                images.push((index, path));
                input.append(picture);
                next = if images.len() < batch { take.recv_timeout(LINGER).ok() } else { None };
            }
        }
        if images.is_empty() {
            return Ok(());
        }
        let run = |session: &mut Session| {
            session.configure(Request { images: images.len(), ..session.request().clone() })?;
            session.run_input(&input)?;
            let answer = |image| match answer(session, image) {
                Ok(answer) => Ok(Ok(answer)),
                Err(Fault::Picture(what)) => Ok(Err(what)),
                Err(Fault::Run(error)) => Err(error),
            };
            (0..images.len()).map(answer).collect::<Result<Vec<Result<T, String>>, Error>>()
        };
        let done = run(session).map_err(|e| e.to_string())?;
        for ((index, path), answer) in images.into_iter().zip(done) {
            if answers.send(Message::Answered(Answered { index, path, answer })).is_err() {
                return Ok(());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_core_has_a_thread_of_a_session() {
        assert_eq!(share(1), [1]);
        assert_eq!(share(2), [1, 1]);
        assert_eq!(share(8), [1; 8]);
        assert_eq!(share(9), [2, 1, 1, 1, 1, 1, 1, 1]);
        assert_eq!(share(20), [3, 3, 3, 3, 2, 2, 2, 2]);
    }
}
