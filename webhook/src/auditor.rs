//! The engine as what judges.

use std::sync::{Arc, PoisonError, RwLock};

use policy_core::{AdmissionReview, Engine, ReviewInventory};

use crate::{Folder, Judge};

/// Judges with an engine, at the time of the request.
pub struct Auditor {
    engine: Arc<Engine>,
    inventory: Option<Current>,
}

/// The inventory of the moment.
pub(crate) type Current = Arc<RwLock<Arc<ReviewInventory>>>;

impl Auditor {
    /// With this engine, and the objects of the cluster in a folder where there is one.
    ///
    /// # Errors
    /// What is wrong with the folder: an inventory that cannot be read decides nothing.
    pub fn new(engine: Engine, inventory: Option<Folder>) -> Result<Self, String> {
        let engine = Arc::new(engine);
        let inventory = inventory.map(|folder| folder.follow(&engine)).transpose()?;
        Ok(Self { engine, inventory })
    }
}

impl Judge for Auditor {
    fn judge(&self, review: &[u8]) -> AdmissionReview {
        // In whole seconds and UTC: the form in which times compare as strings.
        let now = jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        match &self.inventory {
            None => self.engine.admit(review, Some(&now)),
            Some(current) => {
                let inventory = Arc::clone(&current.read().unwrap_or_else(PoisonError::into_inner));
                self.engine.admit_with(review, Some(&now), &inventory)
            }
        }
    }
}
