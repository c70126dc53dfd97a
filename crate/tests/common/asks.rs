//! A session's request, part by part.
#![allow(dead_code)]

use inception::plan::Request;
use inception::{Error, Session};

pub trait Asks {
    /// Keeps these layers, and leaves the rest as it is.
    fn keep(&mut self, names: &[impl AsRef<str>]) -> Result<(), Error>;
    /// Switches these layers off in each image, and leaves the rest as it is.
    fn switch_off(&mut self, names: &[Vec<impl AsRef<str>>]) -> Result<(), Error>;
    /// Runs so many images at once, and leaves the rest as it is.
    fn batch(&mut self, images: usize) -> Result<(), Error>;
}

impl Asks for Session {
    fn keep(&mut self, names: &[impl AsRef<str>]) -> Result<(), Error> {
        self.configure(Request { keep: self.layers(names)?, ..self.request().clone() })
    }

    fn switch_off(&mut self, names: &[Vec<impl AsRef<str>>]) -> Result<(), Error> {
        self.configure(Request { off: self.off(names)?, ..self.request().clone() })
    }

    fn batch(&mut self, images: usize) -> Result<(), Error> {
        self.configure(Request { images, ..self.request().clone() })
    }
}
