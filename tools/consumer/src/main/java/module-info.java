/** A program that uses every artifact that is for programs. */
module org.example.consumer {
    requires org.blobarena;
    requires org.blobarena.httpclient;
    requires org.blobarena.jcache;
    requires org.blobarena.spring;
}
