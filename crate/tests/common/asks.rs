//! A session's request, part by part.
#![allow(dead_code)]

use inception::plan::Request;
use inception::{Error, Session};

pub trait Asks {
    /// Keeps these layers, and leaves the rest as it is.
    fn keep(&mut self, names: &[impl AsRef<str>]) -> Result<(), Error>;
    /// Switches these layers off in each image, and leaves the rest as it is.
    fn switch_off(&mut self, names: &[Vec<impl AsRef<str>>]) -> Result<(), Error>;
    /// Asks for gradients of one layer at others, and keeps layers.
    fn ask(&mut self, of: &str, at: &[&str], keep: &[&str]) -> Result<(), Error>;
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

    fn ask(&mut self, of: &str, at: &[&str], keep: &[&str]) -> Result<(), Error> {
        let (gradients, keep) = (Some(self.gradients(of, at)?), self.layers(keep)?);
        self.configure(Request { keep, gradients, ..Request::default() })
    }

    fn batch(&mut self, images: usize) -> Result<(), Error> {
        self.configure(Request { images, ..self.request().clone() })
    }
}
