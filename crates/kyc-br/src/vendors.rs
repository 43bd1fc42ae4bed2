//! The vendors of this build: the only list of them.

use kyc_core::Integration;

/// Lists the vendors. From the list come the re-exports of their crates, [`INTEGRATIONS`], the names that a configuration may
/// have, and the typed getters of [`Clients`](crate::config::Clients).
macro_rules! vendors {
    ($(#[cfg(feature = $feature:literal)] $key:ident => $vendor:ident;)+) => {
        $(#[cfg(feature = $feature)] pub use $vendor;)+

        /// The vendors of this build, in alphabetical order of their keys.
        pub static INTEGRATIONS: &[Integration] = &[$(#[cfg(feature = $feature)] $vendor::INTEGRATION,)+];

        /// The keys of all vendors, also of those that are not in this build.
        #[cfg(all(feature = "config", feature = "_vendor"))]
        pub(crate) const KEYS: &[&str] = &[$(stringify!($key)),+];

        #[cfg(all(feature = "config", feature = "_vendor"))]
        impl crate::config::Clients {
            $(
                #[doc = concat!("Returns the client of [`", stringify!($vendor), "`], if it is configured.")]
                #[cfg(feature = $feature)]
                #[must_use]
                pub fn $key(&self) -> Option<std::sync::Arc<$vendor::Client>> {
                    self.get($feature)?.downcast()
                }
            )+
        }
    };
}

vendors! {
    #[cfg(feature = "bankly")] bankly => bankly_kyc;
    #[cfg(feature = "cellere")] cellere => cellere_portal;
    #[cfg(feature = "certiface")] certiface => certiface;
    #[cfg(feature = "clearsale")] clearsale => clearsale_facematch;
}
