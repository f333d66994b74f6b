//! A naive Bayes classifier that knows nothing but what the author decides.

mod model;
mod tokens;

pub use model::{Estimate, Label, Model, ModelError};
