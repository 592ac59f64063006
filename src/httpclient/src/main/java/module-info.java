/** A storage of the HTTP cache of Apache HttpClient, on a cache of BlobArena. */
@SuppressWarnings({"requires-automatic", "requires-transitive-automatic"}) // Its modules have but their name.
module org.blobarena.httpclient {
    requires transitive org.apache.httpcomponents.client5.httpclient5.cache;
    requires transitive org.blobarena;
    requires org.slf4j;
    requires static org.jspecify;

    exports org.blobarena.httpclient;
}
