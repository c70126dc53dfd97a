//! `inception embed`: the features of pictures as one array.

use crate::output::Output;
use crate::pictures::Given;
use crate::records::field;
use crate::runs::{Runs, finite};
use crate::{Backend, Failure, Source, files, npy};
use inception::Session;
use std::fs::File;
use std::io::{BufWriter, Write};
use std::path::{Path, PathBuf};

#[derive(clap::Args)]
pub struct Embed {
    #[command(flatten)]
    given: Given,
    /// The array, f32 [pictures, features], an .npy; a .csv beside it names the file of each row
    #[arg(long, value_name = "FILE", value_parser = npy_name)]
    out: PathBuf,
    /// Model id in the models folder, or a weights file
    #[arg(long, value_name = "ID|FILE")]
    model: Option<String>,
    /// Write what `inception teach` learns from: of FaceNet the vector before its L2 norm, of a network whose head reads every
    /// position the means of its last maps; of all others it is the same
    #[arg(long)]
    for_heads: bool,
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    backend: Backend,
}

/// What stands above the files of the rows.
const HEADING: &[u8] = b"file\n";

fn npy_name(name: &str) -> Result<PathBuf, String> {
    let path = PathBuf::from(name);
    match path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("npy")) {
        true => Ok(path),
        false => Err("the name has to end in .npy".into()),
    }
}

/// The array and the names of its rows.
struct Table {
    rows: npy::Stream<BufWriter<File>>,
    names: BufWriter<File>,
}

impl Table {
    fn new(out: &Path, columns: usize) -> Result<Self, Failure> {
        let create = |path: &Path| {
            File::create(path).map(BufWriter::new).map_err(|e| Failure::from(format!("{}: {e}", path.display())))
        };
        let mut names = create(&out.with_extension("csv"))?;
        names.write_all(HEADING)?;
        Ok(Self { rows: npy::Stream::new(create(out)?, columns)?, names })
    }

    fn push(&mut self, path: &Path, features: &[f32]) -> std::io::Result<()> {
        self.rows.push(features)?;
        writeln!(self.names, "{}", field(&path.to_string_lossy()))
    }

    fn finish(&mut self) -> std::io::Result<()> {
        self.rows.finish()?;
        self.names.flush()
    }
}

impl Embed {
    pub fn run(&self) -> Result<(), Failure> {
        let names = self.out.with_extension("csv");
        files::check_output(&self.out, "NumPy array", |file| files::begins_with(file, b"\x93NUMPY"))?;
        files::check_output(&names, "list of an array's rows", |file| files::begins_with(file, HEADING))?;
        let paths = self.given.paths()?;
        let open = if self.for_heads { Runs::for_heads } else { Runs::open };
        let runs = open(self.model.as_deref(), &self.source, &self.backend)?;
        runs.tell();
        let columns = match self.for_heads {
            true => runs.info().backbone.length,
            false => runs.ask(|session| {
                let graph = session.graph();
                graph.layer(graph.embedding().unwrap_or(graph.features())).shape.len()
            })?,
        };
        let features = if self.for_heads { Session::taught_features } else { Session::embedding };
        let table = Output::new(Table::new(&self.out, columns)?, |table| _ = table.finish())?;
        let done = runs.run(
            paths,
            true,
            move |session, image| finite(features(session, image)?),
            |done| match done.answer {
                Ok(features) => Ok(table.write(|table| table.push(&done.path, &features))?),
                Err(_) => Ok(()),
            },
        )?;
        table.write(Table::finish)?;
        done.end()
    }
}
