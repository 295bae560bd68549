//! The `auth0` profile, as operators, Auth0's own packages and a tenant that moves meet it.

mod dev;
mod issuers;
mod sdk;
mod site;
