//! What a head is taught with.

use super::error::TeachError;

/// Features of pictures with the classes that they show, checked.
pub struct Examples {
    /// `[pictures, dimensions]`.
    features: Vec<f32>,
    dimensions: usize,
    classes: usize,
    labels: Vec<u32>,
    /// Where each picture's labels begin, and the end of the last.
    begins: Vec<usize>,
    /// `[pictures of none of the classes, dimensions]`.
    none: Vec<f32>,
}

impl Examples {
    /// Takes `features` `[pictures, dimensions]`, the `labels` of all pictures one after the other with how many each has, and
    /// the features of pictures that show none of the classes (or nothing).
    ///
    /// # Errors
    /// Lengths that do not agree, labels out of range, features that are not finite, a class without pictures, fewer than two
    /// classes, and no pictures.
    pub fn new(
        features: Vec<f32>,
        dimensions: usize,
        labels: Vec<u32>,
        label_counts: &[u32],
        classes: usize,
        none: Vec<f32>,
    ) -> Result<Self, TeachError> {
        let pictures = label_counts.len();
        if pictures == 0 || labels.is_empty() {
            return Err(TeachError::NoExamples);
        }
        if classes < 2 {
            return Err(TeachError::OneClass);
        }
        let length = |what, found: usize, wanted: usize| match found == wanted {
            true => Ok(()),
            false => Err(TeachError::Length { what, found, wanted }),
        };
        length("features", features.len(), pictures.saturating_mul(dimensions))?;
        length("dimensions", dimensions, dimensions.max(1))?;
        length("features of pictures of none", none.len(), none.len().next_multiple_of(dimensions))?;
        let mut begins = vec![0];
        begins.extend(label_counts.iter().scan(0usize, |end, &count| {
            *end = end.saturating_add(count as usize);
            Some(*end)
        }));
        length("labels", labels.len(), begins[pictures])?;
        let examples = Self { features, dimensions, classes, labels, begins, none };
        examples.check()?;
        Ok(examples)
    }

    fn check(&self) -> Result<(), TeachError> {
        let mut has_example = vec![false; self.classes];
        for example in 0..self.len() {
            for &label in self.labels(example) {
                match has_example.get_mut(label as usize) {
                    Some(has) => *has = true,
                    None => return Err(TeachError::Label { example, label, classes: self.classes }),
                }
            }
        }
        let values = self.features.iter().chain(&self.none).enumerate();
        if let Some((at, &value)) = values.into_iter().find(|(_, value)| !value.is_finite()) {
            let (example, feature) = (at / self.dimensions, at % self.dimensions);
            return Err(TeachError::NotFinite { example, feature, value });
        }
        match has_example.iter().position(|has| !has) {
            Some(class) => Err(TeachError::EmptyClass { class }),
            None => Ok(()),
        }
    }

    /// Number of pictures with labels.
    #[allow(clippy::len_without_is_empty)]
    pub fn len(&self) -> usize {
        self.begins.len() - 1
    }

    /// Number of features of a picture.
    pub fn dimensions(&self) -> usize {
        self.dimensions
    }

    /// Number of classes.
    pub fn classes(&self) -> usize {
        self.classes
    }

    /// Number of pictures that show none of the classes.
    pub fn none_len(&self) -> usize {
        self.none.len() / self.dimensions
    }

    /// The labels of a picture.
    pub fn labels(&self, example: usize) -> &[u32] {
        &self.labels[self.begins[example]..self.begins[example + 1]]
    }

    /// The features of a picture.
    pub fn features(&self, example: usize) -> &[f32] {
        &self.features[example * self.dimensions..][..self.dimensions]
    }

    /// The features of a picture that shows none of the classes.
    pub fn none_features(&self, index: usize) -> &[f32] {
        &self.none[index * self.dimensions..][..self.dimensions]
    }
}
