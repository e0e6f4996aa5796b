//! The other side of a machine's calls.

use std::{future::Future, pin::Pin, sync::Arc};

use postroom_core::{Call, Outcome};

/// Carries out the calls of the consumer whose name it is given under.
///
/// Each call runs in a task of its own and is dropped at its deadline, wherever it waits then. It
/// must not block its thread. A panic counts as [`Outcome::Ambiguous`]: nobody knows how far it
/// got.
///
/// # Example: a provider that takes everything
/// ```
/// use postroom_core::{Call, Outcome};
/// use postroom_runtime::Provider;
///
/// struct Void;
///
/// impl Provider for Void {
///     async fn call(&self, _: &Call) -> Outcome {
///         Outcome::Delivered
///     }
/// }
/// ```
pub trait Provider: Send + Sync + 'static {
    /// Makes one call; the future says how it ended.
    ///
    /// [`Call::idempotency_key`] is the same for every attempt at one message: hand it to the
    /// other side if that recognises resends.
    fn call(&self, call: &Call) -> impl Future<Output = Outcome> + Send;
}

/// A call under way.
pub(crate) type CallFuture = Pin<Box<dyn Future<Output = Outcome> + Send>>;

/// A [`Provider`] behind a pointer.
pub(crate) trait DynProvider: Send + Sync {
    fn call(self: Arc<Self>, call: Call) -> CallFuture;
}

impl<P: Provider> DynProvider for P {
    fn call(self: Arc<Self>, call: Call) -> CallFuture {
        Box::pin(async move { Provider::call(&*self, &call).await })
    }
}
