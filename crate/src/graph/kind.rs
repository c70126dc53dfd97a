/// Public kind of a layer, as `layers` prints it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum LayerKind {
    /// Convolution.
    Conv,
    /// Maximum pool.
    MaxPool,
    /// Average pool, global ones included.
    AvgPool,
    /// Local response normalisation.
    Lrn,
    /// The L2 norm of an embedding.
    L2Norm,
    /// Batch norm by itself.
    BatchNorm,
    /// A function of each value by itself: after a residual sum, or in a head.
    Activation,
    /// Concatenation.
    Concat,
    /// Residual sum.
    Add,
    /// Linear layer.
    Linear,
    /// Softmax.
    Softmax,
    /// Logistic function.
    Sigmoid,
    /// A whole branch.
    Branch,
}
